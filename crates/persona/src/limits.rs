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

/// The most entries of a lorebook; further ones are left out.
pub const MAX_LORE_ENTRIES: usize = 10_000;

/// The most keys of one lorebook entry, of each kind; further ones are left out.
pub const MAX_LORE_KEYS: usize = 256;

/// The longest key of a lorebook entry, in bytes, unless it is a regex; a longer one is left out.
pub const MAX_LORE_KEY_BYTES: usize = 512;

/// The longest regex, in bytes; a longer one matches nothing.
pub const MAX_REGEX_BYTES: usize = 2_048;

/// What all keys of a lorebook may take together, in bytes; further ones are left out. They become one automaton, of
/// some fifty times that size while it is built.
pub const MAX_LORE_KEYS_BYTES: usize = 1024 * 1024;

/// The largest a regex may be once its counted repetitions are written out, in characters and classes. One of `.{0,100}`
/// takes 100 of them, about a kilobyte each.
pub const MAX_REGEX_ITEMS: usize = 2_000;

/// The most items ([`MAX_REGEX_ITEMS`]) of all regexes of a lorebook; further regexes match nothing.
pub const MAX_LORE_REGEX_ITEMS: usize = 100_000;

/// The most regexes of a lorebook; further ones match nothing.
pub const MAX_LORE_REGEXES: usize = 1_000;

/// The most keys of a lorebook with macros in them; further ones are left out.
pub const MAX_LORE_TEMPLATES: usize = 256;

/// How often one run of a regex with lookaround or backreferences may go back to try another way.
pub const MAX_BACKTRACKS: usize = 50_000;

/// How often keys that are no regexes may be found in one activation. Only a text such as `aaaa` with keys such as `a`, `aa`
/// and `aaa` comes near it.
pub const MAX_LORE_HITS: usize = 20_000_000;

/// How much regexes may read in one activation, in bytes. One with lookaround or backreferences counts
/// [`BACKTRACKING_WORK`] more each time it is run, and eight times that where it gives up. What is left over then is not looked for, and the activation says so.
pub const MAX_REGEX_WORK: usize = 16 * 1024 * 1024;

/// What a run of a regex that may backtrack counts towards [`MAX_REGEX_WORK`] besides the text it reads.
pub const BACKTRACKING_WORK: usize = 32 * 1024;

/// The longest content of a lorebook entry, in bytes; a longer one is cut.
pub const MAX_LORE_CONTENT_BYTES: usize = 64 * 1024;

/// What all contents of a lorebook may take together, in bytes; further entries are left out.
pub const MAX_LORE_BYTES: usize = 32 * 1024 * 1024;

/// The most of the newest messages that a lorebook looks at, whatever its scan depth.
pub const MAX_SCAN_DEPTH: usize = 1_000;

/// How much of the newest messages a lorebook looks at, in bytes.
pub const MAX_SCAN_BYTES: usize = 1024 * 1024;

/// How far back a lorebook looks for what it has matched before, in messages.
pub const MAX_REMEMBERED_TURNS: usize = 200;

/// How many rounds of contents that activate others a lorebook goes through.
pub const MAX_RECURSION_ROUNDS: usize = 10;

/// How much of activated contents a lorebook looks at, in bytes.
pub const MAX_RECURSION_BYTES: usize = 4 * 1024 * 1024;

/// The longest text that macros are expanded to, in bytes; what goes beyond is cut off.
pub const MAX_EXPANDED_BYTES: usize = 256 * 1024;

/// How deep a macro may stand in another one; a deeper one stays as it stands.
pub const MAX_MACRO_DEPTH: usize = 8;

/// The most dice of one `{{roll:…}}`; with more it stays as it stands.
pub const MAX_DICE: u64 = 100;

/// The most sides of a die, and the most that is added to a roll.
pub const MAX_SIDES: u64 = 1_000_000;

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
