"""What can be wrong with values: templates, variables, conditions, patterns."""

from dsl.meanings.meaning import Meaning, error, warning

VALUES: dict[str, Meaning] = {
    "INVALID_TEMPLATE": error(
        "A `{{ }}` placeholder cannot be read.", "Write `{{ path }}` or `{{ path | filter:arg }}`."
    ),
    "UNKNOWN_FILTER": error("A placeholder uses a filter that does not exist.", "Use a listed filter."),
    "UNKNOWN_VARIABLE": error(
        "A placeholder reads a variable that nothing ever sets.",
        "Declare it under `variables`, save an answer to it, or correct its name.",
    ),
    "MAYBE_UNSET": warning(
        "A placeholder reads a variable that is not set on every path to this node.",
        "Give it a default: `{{ name | default:'friend' }}`, or declare one under `variables`.",
    ),
    "RESERVED_NAME": error(
        "A variable has a reserved name.",
        "Do not name a variable contact, conversation, trigger, nodes, execution or now.",
    ),
    "INVALID_CONDITION": error(
        "A condition cannot be read.", "Write `{left, operator, right}`, `all`, `any` or `not`."
    ),
    "INVALID_PATTERN": error(
        "A regular expression cannot be matched in linear time.",
        "Write it in RE2 syntax: no look-around, no back-references, no more than 512 characters.",
    ),
    "DUPLICATE_VARIABLE": error(
        "A name is declared as a variable and as a param.",
        "Declare it once: a param is a variable, with type, default and pii.",
    ),
    "PARAM_NEVER_GIVEN": error(
        "A flow that an event starts requires a param.",
        "Give the param a default, or start the flow by API or from other flows only.",
    ),
    "OUTPUT_NOT_GIVEN": error(
        "The flow declares an output that none of its ends gives.",
        "Add it to the `outputs` of an `end`, or remove it from `settings.outputs`.",
    ),
    "CONSTANT_CONDITION": warning(
        "A condition comes out the same whatever the values are.",
        "Read a variable in it: `{{name}}`; a number, list or date must stand where the operator takes one.",
    ),
    "UNREAD_VARIABLE": warning(
        "A node sets a variable that nothing reads.",
        "Correct its name, or declare it under `variables` when it is for whoever reads the execution.",
    ),
    "UNUSED_VARIABLE": warning("A declared variable is neither set nor read.", "Remove its declaration."),
    "SHADOWED_NAME": error(
        "The name that a loop gives its item or number is already taken.",
        "Choose another name with `as` or `index`.",
    ),
}
