"""Each figure beside its target and its baseline, printed as it comes."""


class Table:
    def __init__(self, machine):
        self.record = {"machine": machine, "figures": []}
        print(", ".join(f"{name} {value}" for name, value in machine.items()))
        print(f"{'':62}{'figure':>12}  {'':11}{'target':>9}  {'met':4}{'baseline'}")

    def add(self, name, value, unit="", at_most=None, at_least=None, baseline=None):
        met = None
        if at_most is not None:
            met = value <= at_most
        elif at_least is not None:
            met = value >= at_least
        target = f"≤ {at_most:g}" if at_most is not None else f"≥ {at_least:g}" if at_least is not None else ""
        shown = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.4g}"
        word = {None: "", True: "yes", False: "NO"}[met]
        print(f"{name:62}{shown:>12}  {unit:11}{target:>9}  {word:4}{baseline or ''}", flush=True)
        self.record["figures"].append(
            {"name": name, "value": value, "unit": unit, "at_most": at_most, "at_least": at_least, "met": met,
             "baseline": baseline})

    def end(self):
        judged = [figure for figure in self.record["figures"] if figure["met"] is not None]
        missed = [figure["name"] for figure in judged if not figure["met"]]
        print(f"{len(judged) - len(missed)} of {len(judged)} targets met" + "".join(f"\n  missed: {n}" for n in missed))
