"""The metric's comparison is always or never true.

## What it does

Reports thresholds outside the possible values of the metric: `successes` below 0 or above 1,
`duration` and `lateness` below 0.

## Why is this bad?

The trigger never fires, or fires whenever there are runs to measure, however they went.

## Example

```json
{
  "type": "metric",
  "metric": {"name": "lateness", "operator": ">=", "threshold": 0}
}
```

## Use instead

```json
{
  "type": "metric",
  "metric": {"name": "lateness", "operator": ">", "threshold": 60}
}
```
"""

from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject
from trigger_cli.model import MetricTrigger


def check(subject: Subject) -> Problems:
    """Skip percentages: another rule reports them."""
    for metric in subject.metrics:
        verdict = verdict_on(metric.trigger)
        if verdict:
            trigger = metric.trigger
            measured = " of measured runs" if verdict == "always" else ""
            yield metric.at("metric", "threshold").problem(
                f"{trigger.metric} {trigger.operator} {trigger.threshold:g} is {verdict} true{measured}",
                "successes lie between 0 and 1, the other metrics are not negative",
            )


def verdict_on(trigger: MetricTrigger) -> str | None:
    """``always`` or ``never``, if no possible value of the metric makes a difference."""
    limit, operator = trigger.threshold, trigger.operator
    if limit < 0 or (limit == 0 and operator in {"<", ">="}):
        return "never" if operator in {"<", "<="} else "always"
    beyond = limit > 100 or (limit == 1 and operator in {">", "<="})
    if trigger.metric == "successes" and beyond:
        return "never" if operator in {">", ">="} else "always"
    return None


RULE = Rule(__name__, __doc__, "warning", check)
