"""A plain reading of each rule that a record of the replay can name (``semantics.md``)."""

from __future__ import annotations

RULES = {
    "O2": "an event whose id was processed in the last 30 minutes is dropped",
    "O4": "an event that follows another waits until that one is processed, at most 15 minutes",
    "B5": "an after event opens a window, or finds one open and leaves its length as it is",
    "B6": "without after, the first expected event opens a window, which looks back 15 minutes",
    "B7": "an expected event counts only while a window is open",
    "E1": "an event before the window's start is ignored: it is late, or the trigger cools down",
    "E2": "an event counts if it occurred in the window, its end excluded",
    "E3": "Reactive fires when the threshold is reached, Proactive at the end if it is not",
    "E4": "an event that both satisfies a watch and starts one begins it anew",
    "E5": "past its end a window is closed; the next opens with the next after event",
    "E6": "past its end, or after firing, the next window begins where the old one ended",
    "E7": "an event past the window is evaluated again in the next one",
    "P3": "without for_each and after, the watch runs from the clock's start",
    "P5": "on the server a satisfied window is dropped, and nothing watches for a while",
    "P6": "on the server the watch arms itself at the clock's start, without an after event",
    "S1": "an after event past a window's end opens a new window",
    "S2": "on the server an expired window lingers for 60 s, and is then forgotten",
    "C2": "where one firing is enough, each child's firing fires the parent",
    "C3": "of each child the latest firing is stored, and dropped when older than within",
    "C4": "a composite fires when it holds enough firings; a sequence, if they are in order",
    "C5": "when a composite fires, its stored firings are cleared",
    "K2": "the value changed: the fraction of runs that have not failed",
    "K3": "the value changed: the mean duration of runs",
    "K4": "the value changed: the mean lateness of runs",
    "K5": "with no run to measure the value is undefined, and breaches nothing",
    "K6": "the value changes when an event leaves the range",
    "K7": "it fires once the breach has held for firing_for, and is resolved likewise",
}
