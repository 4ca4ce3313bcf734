"""Changes of stored data between versions, each a file, in one declared order; `flask --app app init` runs them.

Rule of a change: first a version that reads both forms (a minor step: two versions may run side by side), then the
migration, then, a version later, the old form goes. Only a step that older programs cannot live with is a major one.
docs/howto.md has the recipe.
"""
