"""Lint findings: JSON, SARIF, JUnit, GitHub, GitLab, and the closing summary."""
