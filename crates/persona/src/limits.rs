//! How much of a persona's files is read. What goes beyond is left out with a warning; nothing panics or grows
//! without bound.

/// The largest `persona.yml` or `style.yml`, in bytes. They are written by hand; libyaml needs about two seconds
/// for this many opening brackets, its worst case.
pub const MAX_YAML_BYTES: usize = 256 * 1024;

/// The largest a YAML file may become once its aliases (`*name`) are expanded: bytes of text plus
/// [`YAML_NODE_BYTES`] for each value. The parser itself bounds only the number of aliases and the nesting (128), which
/// still lets a file of this size expand to gigabytes.
pub const MAX_YAML_EXPANDED_BYTES: usize = 4 * 1024 * 1024;

/// What each value of a YAML file counts towards [`MAX_YAML_EXPANDED_BYTES`] besides its text.
pub const YAML_NODE_BYTES: usize = 32;

/// The largest `kb.jsonl`, in bytes; further lines are left out.
pub const MAX_KB_BYTES: usize = 64 * 1024 * 1024;

/// The longest line of a `kb.jsonl`, in bytes; a longer one is left out.
pub const MAX_KB_LINE_BYTES: usize = 1024 * 1024;

/// The most entries of one knowledge base; further ones are left out.
pub const MAX_KB_ENTRIES: usize = 100_000;

/// The most warnings about one file; the rest are counted in one more. A file of another kind, named by mistake,
/// should not fill the log.
pub const MAX_WARNINGS: usize = 100;

/// The largest weight, up or down: scores stay finite, and so can be written as JSON.
pub const MAX_WEIGHT: f64 = 1e9;

/// The largest number of anything that a style may ask for: entries, tokens, turns.
pub const MAX_COUNT: usize = 1_000_000;
