"""The immune core as flat SBML: made by antimony from the library's own text, with doses as events."""
import copy
import os
import xml.etree.ElementTree as ElementTree

import antimony

from case import flat
from hoist import Hoisted

MATH = "http://www.w3.org/1998/Math/MathML"
MODEL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "library", "models", "immune_core.ant")


def tree():
    """The model without its random events, and the namespace of its elements."""
    antimony.clearPreviousLoads()
    if antimony.loadAntimonyFile(MODEL) < 0:
        raise SystemExit(antimony.getLastError())
    root = ElementTree.fromstring(antimony.getSBMLString("immune_core"))
    space = root.tag[1:].split("}")[0]
    model = root.find(f"{{{space}}}model")
    for events in model.findall(f"{{{space}}}listOfEvents"):
        model.remove(events)
    return root, model, space


def fix_start(model, space, values):
    """Sets starting values as plain numbers."""
    known = {parameter.get("id"): parameter for parameter in model.iter(f"{{{space}}}parameter")}
    missing = [name for name in values if name not in known]
    if missing:
        raise SystemExit(f"not in the flat model: {', '.join(missing)}")
    for name, value in values.items():
        known[name].set("value", repr(float(value)))
    fixed = set(values)
    for assignments in model.findall(f"{{{space}}}listOfInitialAssignments"):
        for assignment in list(assignments):
            if assignment.get("symbol") in fixed:
                assignments.remove(assignment)
        if len(assignments) == 0:
            model.remove(assignments)


def add_doses(model, space, doses_by_time):
    """One event per dosing time."""
    events = ElementTree.SubElement(model, f"{{{space}}}listOfEvents")
    for number, (time, doses) in enumerate(doses_by_time):
        event = ElementTree.SubElement(
            events, f"{{{space}}}event", id=f"dose_{number}", useValuesFromTriggerTime="true"
        )
        trigger = ElementTree.SubElement(
            event, f"{{{space}}}trigger", initialValue="true", persistent="true"
        )
        now = '<csymbol encoding="text" definitionURL="http://www.sbml.org/sbml/symbols/time">time</csymbol>'
        trigger.append(math(f"<apply><geq/>{now}<cn>{time!r}</cn></apply>"))
        assignments = ElementTree.SubElement(event, f"{{{space}}}listOfEventAssignments")
        for variable, formula in assigned(doses):
            assignment = ElementTree.SubElement(
                assignments, f"{{{space}}}eventAssignment", variable=variable
            )
            assignment.append(math(formula))


def assigned(doses):
    """(variable, MathML) of the doses of one moment; several into one state are added up."""
    added, fixed = {}, {}
    for dose in doses:
        if "add_to" in dose:
            added[flat(dose["add_to"])] = added.get(flat(dose["add_to"]), 0.0) + dose["value"]
        else:
            fixed[flat(dose["set"])] = dose["value"]
    for name, value in added.items():
        yield name, f"<apply><plus/><ci>{name}</ci><cn>{value!r}</cn></apply>"
    for name, value in fixed.items():
        yield name, f"<cn>{value!r}</cn>"


def math(inner):
    return ElementTree.fromstring(f'<math xmlns="{MATH}">{inner}</math>')


class Flat:
    """The model of a case, hoisted, with or without its doses."""

    def __init__(self, case, with_doses=True):
        self.case = case
        self.root, self.model, self.space = tree()
        set_by_doses = {flat(dose["set"]) for dose in case.doses if "set" in dose}
        settable(self.model, self.space, set_by_doses)
        self.hoisted = Hoisted(self.model, self.space, set_by_doses)
        if with_doses:
            add_doses(self.model, self.space, case.doses_by_time())

    def start_values(self, patient):
        """name -> value: what sets this patient apart, and what was hoisted."""
        names = map(flat, self.case.parameters)
        parameters = dict(zip(names, self.case.patient_parameters[patient]))
        own = {flat(name): value for name, value in self.case.start_values(patient).items()}
        return {**own, **self.hoisted.values(parameters)}

    def text(self, patient=0):
        """SBML of one patient."""
        root = copy.deepcopy(self.root)
        fix_start(root.find(f"{{{self.space}}}model"), self.space, self.start_values(patient))
        ElementTree.register_namespace("", self.space)
        return ElementTree.tostring(root, encoding="unicode")


def settable(model, space, names):
    """Parameters that a dose sets are no constants."""
    for parameter in model.iter(f"{{{space}}}parameter"):
        if parameter.get("id") in names:
            parameter.set("constant", "false")
