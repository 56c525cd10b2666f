"""What is read of each event."""

from trigger_cli.read.reading import AllLabels


def test_related_resources_that_are_alike_are_one_and_the_same():
    """They take a fraction of the memory."""
    interest = AllLabels().interests()("x")
    assert interest is not None
    flow, tag = {"prefect.resource.id": "f"}, {"prefect.resource.id": "t"}
    (_, (one, _), _), (_, (other,), _) = (
        interest.select({"prefect.resource.id": "r"}, related)
        for related in ((flow, tag), (dict(flow),))
    )
    assert one is other
    assert flow == one
