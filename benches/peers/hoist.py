"""The flat model in the form that suits tools which write a rule out anew wherever it is read.

Three changes, none of which moves a value by more than rounding:

* What depends on parameters alone becomes a parameter, with a value per patient. regraft does the same.
* A rule that no rate reads is left out. regraft does not compute it either, and COPASI looks for the moments at which
  the conditions of its `piecewise` change, also where nothing reads it.
* The waves of the fluctuating antigen become cosines and sines of 2, 4, ... 128 times the angle. The library's text
  makes each from the one before by the double angle. That is cheap where a rule is computed once; where it is
  written out, the calls of `sin` and `cos` double with every link, to some 700 in one right-hand side.
"""
import math
import operator
import re
import xml.etree.ElementTree as ElementTree

MATH = "{http://www.w3.org/1998/Math/MathML}"
WAVE = re.compile(r"fluctuation_(cosine|sine)([2-8])")
FUNCTIONS = {
    "plus": lambda *terms: sum(terms),
    "times": lambda *factors: math.prod(factors),
    "minus": lambda first, second=None: -first if second is None else first - second,
    "divide": lambda above, below: above / below,
    "power": lambda base, exponent: base**exponent,
    "root": lambda degree, inner: inner ** (1 / degree),
    "exp": math.exp,
    "ln": math.log,
    "max": max,
    "min": min,
}
COMPARISONS = {"lt": operator.lt, "leq": operator.le, "gt": operator.gt, "geq": operator.ge}


class Hoisted:
    """Changes the rules of a model in place; `values` gives what was hoisted, for one patient."""

    def __init__(self, model, space, set_by_doses):
        self.space = f"{{{space}}}"
        self.rules = model.find(f"{self.space}listOfRules")
        self.parameters = model.find(f"{self.space}listOfParameters")
        spread_waves(self.rules)
        self.leave_out_unread(model)
        self.assigned = {rule.get("variable"): formula(rule) for rule in self.rules if self.assigns(rule)}
        rates = {rule.get("variable") for rule in self.rules if not self.assigns(rule)}
        self.fixed = {name: False for name in rates | set_by_doses}
        self.formulas, self.names = {}, {}
        for rule in list(self.rules):
            name = rule.get("variable")
            if self.assigns(rule) and self.is_fixed_name(name):
                self.formulas[name] = formula(rule)
                self.rules.remove(rule)
            else:
                put(rule, self.hoisted(formula(rule)))

    def leave_out_unread(self, model):
        """Takes out the rules, with their parameters, that no rate and no starting value reads."""
        rules = {rule.get("variable"): rule for rule in self.rules if self.assigns(rule)}
        readers = [rule for rule in self.rules if not self.assigns(rule)]
        readers += model.iter(f"{self.space}initialAssignment")
        read = set()
        while readers:
            named = {node.text.strip() for node in formula(readers.pop()).iter(f"{MATH}ci")}
            readers += [rules[name] for name in named - read if name in rules]
            read |= named
        for parameter in list(self.parameters):
            if parameter.get("id") in rules.keys() - read:
                self.rules.remove(rules[parameter.get("id")])
                self.parameters.remove(parameter)

    def assigns(self, rule):
        return rule.tag == f"{self.space}assignmentRule"

    def is_fixed_name(self, name):
        if name not in self.fixed:
            self.fixed[name] = name not in self.assigned or self.is_fixed(self.assigned[name])
        return self.fixed[name]

    def is_fixed(self, node):
        """Whether nothing in a formula moves while a patient is solved."""
        if node.tag == f"{MATH}ci":
            return self.is_fixed_name(node.text.strip())
        return node.tag != f"{MATH}csymbol" and all(self.is_fixed(child) for child in node)

    def hoisted(self, node):
        """The formula with the largest parts that are fixed as parameters of their own.

        A comparison stays, with its sides hoisted: a parameter is a number and no truth value.
        """
        if node.tag not in (f"{MATH}apply", f"{MATH}piecewise", f"{MATH}piece", f"{MATH}otherwise"):
            return node
        if node.tag in (f"{MATH}apply", f"{MATH}piecewise") and not is_comparison(node) and self.is_fixed(node):
            return self.named(node)
        children = list(node)
        if node.tag == f"{MATH}apply" and children[0].tag in (f"{MATH}plus", f"{MATH}times"):
            still = [child for child in children[1:] if self.is_fixed(child)]
            if len(still) > 1:
                moving = [child for child in children[1:] if child not in still]
                children = [children[0], self.named(apply(children[0], still)), *moving]
        return apply(node, [self.hoisted(child) for child in children], node.tag)

    def named(self, node):
        """A parameter for a fixed formula; one for equal formulas."""
        text = ElementTree.tostring(node, encoding="unicode")
        if text not in self.names:
            name = self.names[text] = f"hoisted_{len(self.names)}"
            self.formulas[name] = node
            ElementTree.SubElement(self.parameters, f"{self.space}parameter", id=name, constant="true")
        found = ElementTree.Element(f"{MATH}ci")
        found.text = self.names[text]
        return found

    def values(self, parameters):
        """name -> value of all that was hoisted, for the values of a patient's parameters."""
        known = dict(parameters)
        return {name: self.value(name, known) for name in self.formulas}

    def value(self, name, known):
        if name not in known:
            known[name] = self.number(self.formulas[name], known)
        return known[name]

    def number(self, node, known):
        if node.tag == f"{MATH}ci":
            return self.value(node.text.strip(), known)
        if node.tag == f"{MATH}degree":
            return self.number(node[0], known)
        if node.tag == f"{MATH}cn":
            return float(node.text if len(node) == 0 else f"{node.text.strip()}e{node[0].tail.strip()}")
        if node.tag == f"{MATH}piecewise":
            held = (part for part in node if part.tag == f"{MATH}otherwise" or self.number(part[1], known))
            return self.number(next(held)[0], known)
        name = node[0].tag.removeprefix(MATH)
        function = FUNCTIONS.get(name) or COMPARISONS[name]
        return function(*(self.number(child, known) for child in node[1:]))


def is_comparison(node):
    return node.tag == f"{MATH}apply" and node[0].tag.removeprefix(MATH) in COMPARISONS


def formula(rule):
    return rule.find(f"{MATH}math")[0]


def put(rule, inner):
    outer = rule.find(f"{MATH}math")
    outer[:] = [inner]


def apply(first, others, tag=None):
    """An element like `tag` of some parts; without a tag, the operation `first` applied to the others."""
    made = ElementTree.Element(tag or f"{MATH}apply")
    made.extend(others if tag else [first, *others])
    return made


def spread_waves(rules):
    for rule in rules:
        wave = WAVE.fullmatch(rule.get("variable"))
        if wave:
            function = "cos" if wave[1] == "cosine" else "sin"
            angle = f"<times/><cn>{2 ** (int(wave[2]) - 1)}</cn><ci>fluctuation_angle</ci>"
            text = f'<math xmlns="{MATH[1:-1]}"><apply><{function}/><apply>{angle}</apply></apply></math>'
            put(rule, ElementTree.fromstring(text)[0])
