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

/// The largest character card that is read or written, in bytes, pictures and all.
pub const MAX_CARD_BYTES: usize = 16 * 1024 * 1024;

/// The largest JSON of a card, in bytes: as it was found, and as it would be written again.
pub const MAX_CARD_JSON_BYTES: usize = 4 * 1024 * 1024;

/// The deepest nesting of a card's JSON. It is what `serde_json` reads; a card that is deeper could not be read back.
pub const MAX_CARD_JSON_DEPTH: usize = 127;

/// The most values in a card's JSON. A list of tiny mappings takes a hundred times its own length in memory, and a
/// lorebook of five thousand entries stays below this.
pub const MAX_CARD_JSON_VALUES: usize = 250_000;

/// The widest and the tallest PNG of a card, in pixels, by its header. Nothing here decodes it, but who shows it does.
pub const MAX_CARD_PNG_SIDE: u32 = 8192;

/// The most chunks in the PNG of a card. Encoders write one for each 8 KiB or more.
pub const MAX_CARD_PNG_CHUNKS: usize = 16_384;

/// The most card chunks of one PNG that are tried until one can be read; each may have to be inflated.
pub const MAX_CARD_PNG_TRIES: usize = 8;

/// The most files in a CHARX, folders included.
pub const MAX_CHARX_FILES: usize = 1000;

/// The largest file in a CHARX, in bytes, counted while it is inflated.
pub const MAX_CHARX_FILE_BYTES: usize = 16 * 1024 * 1024;

/// The most bytes that the files of a CHARX may inflate to, all together.
pub const MAX_CHARX_INFLATED_BYTES: usize = 64 * 1024 * 1024;

/// How many times its packed size a file in a CHARX may grow, once it is larger than [`CHARX_RATIO_FROM_BYTES`]. Text
/// grows ten times; only emptiness grows a thousand times.
pub const MAX_CHARX_RATIO: usize = 200;

/// Files in a CHARX up to this size, in bytes, may have any ratio: they cannot do harm.
pub const CHARX_RATIO_FROM_BYTES: usize = 1024 * 1024;
