//! The characters that people have made.

use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use raconteur_domain::{OwnPersona, PersonaId, UserId, fold};

use crate::rows::{count, id, time, uncount, unreadable};
use crate::schema::personas;
use crate::{ReadTx, StorageError, WriteTx};

/// How much of a description is searched for words.
const SEARCHED_CHARS: usize = 1_000;

#[derive(Queryable, Selectable)]
#[diesel(table_name = personas)]
struct PersonaRow {
    id: String,
    owner_id: String,
    slug: String,
    name: String,
    description: Option<String>,
    tags: String,
    public: bool,
    version: String,
    picture_type: Option<String>,
    created_at: i64,
    updated_at: i64,
}

impl TryFrom<PersonaRow> for OwnPersona {
    type Error = StorageError;

    fn try_from(row: PersonaRow) -> Result<Self, StorageError> {
        Ok(Self {
            id: id(&row.id)?,
            owner_id: id(&row.owner_id)?,
            slug: row.slug,
            name: row.name,
            description: row.description,
            tags: serde_json::from_str(&row.tags).map_err(|_| unreadable("tags", &row.tags))?,
            public: row.public,
            version: row.version,
            picture_type: row.picture_type,
            created_at: time(row.created_at),
            updated_at: time(row.updated_at),
        })
    }
}

/// What a change of a character writes: everything but whose it is and when it was made.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = personas, treat_none_as_null = true)]
struct ContentRow<'a> {
    slug: &'a str,
    name: &'a str,
    name_key: String,
    description: Option<&'a str>,
    tags: String,
    search_key: String,
    public: bool,
    version: &'a str,
    picture_type: Option<&'a str>,
    updated_at: i64,
    picture: Option<&'a [u8]>,
    package: &'a [u8],
}

impl<'a> ContentRow<'a> {
    fn new(persona: &'a OwnPersona, files: &'a PersonaFiles) -> Self {
        let searched: String =
            persona.description.iter().flat_map(|text| text.chars()).take(SEARCHED_CHARS).collect();
        let mut words = vec![persona.name.as_str(), &persona.slug, &searched];
        words.extend(persona.tags.iter().map(String::as_str));
        Self {
            slug: &persona.slug,
            name: &persona.name,
            name_key: name_key(&persona.name),
            description: persona.description.as_deref(),
            tags: serde_json::json!(persona.tags).to_string(),
            search_key: fold(&words.join("\n")),
            public: persona.public,
            version: &persona.version,
            picture_type: persona.picture_type.as_deref(),
            updated_at: persona.updated_at.as_micros(),
            picture: files.picture.as_deref(),
            package: &files.package,
        }
    }
}

/// What a character is made of, in bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PersonaFiles {
    /// The whole of it.
    pub package: Vec<u8>,
    /// Its picture, of the type that its [`OwnPersona`] names.
    pub picture: Option<Vec<u8>>,
}

/// Whose characters are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// This person's own.
    Own(UserId),
    /// The public ones, but for this person's own.
    Public(Option<UserId>),
}

/// Which characters are listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonaFilter {
    /// Whose.
    pub whose: Whose,
    /// Only those whose name, short name, description or tags have this in them, in any case.
    pub text: Option<String>,
}

/// What became of a character that was to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It is kept.
    Yes,
    /// Another one has its short name.
    SlugTaken,
    /// It has changed since it was read, or is gone.
    Changed,
}

/// A name as names are compared.
fn name_key(name: &str) -> String {
    name.trim().to_lowercase()
}

/// Those that the filter lets through.
macro_rules! filtered {
    ($filter:expr) => {{
        let filter: &PersonaFilter = $filter;
        let mut query = personas::table.into_boxed();
        query = match filter.whose {
            Whose::Own(owner) => query.filter(personas::owner_id.eq(owner.to_string())),
            Whose::Public(None) => query.filter(personas::public.eq(true)),
            Whose::Public(Some(viewer)) => {
                query.filter(personas::public.eq(true)).filter(personas::owner_id.ne(viewer.to_string()))
            }
        };
        if let Some(text) = &filter.text {
            query = query.filter(personas::search_key.like(containing(text)).escape('\\'));
        }
        query
    }};
}

/// The first character that a query finds.
macro_rules! first {
    ($tx:expr, $query:expr) => {{
        let row: Option<PersonaRow> =
            $query.select(PersonaRow::as_select()).first($tx.connection).optional()?;
        row.map(OwnPersona::try_from).transpose()
    }};
}

/// What is like a text that has this in it.
fn containing(text: &str) -> String {
    let mut pattern = String::from("%");
    for c in fold(text).chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

impl ReadTx<'_> {
    /// How many characters the filter lets through.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn count_personas(&mut self, filter: &PersonaFilter) -> Result<u64, StorageError> {
        let total: i64 = filtered!(filter).count().get_result(self.connection)?;
        Ok(uncount(total))
    }

    /// Some of the characters that the filter lets through, by their short names.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn personas(
        &mut self,
        filter: &PersonaFilter,
        offset: u64,
        limit: u32,
    ) -> Result<Vec<OwnPersona>, StorageError> {
        let rows: Vec<PersonaRow> = filtered!(filter)
            .order((personas::slug, personas::key))
            .offset(count(offset))
            .limit(i64::from(limit))
            .select(PersonaRow::as_select())
            .load(self.connection)?;
        rows.into_iter().map(OwnPersona::try_from).collect()
    }

    /// The character of this id, whosever it is.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn persona(&mut self, persona: PersonaId) -> Result<Option<OwnPersona>, StorageError> {
        first!(self, personas::table.filter(personas::id.eq(persona.to_string())))
    }

    /// The character of this short name: one of the viewer's own, or else a public one.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn persona_of_slug(
        &mut self,
        viewer: Option<UserId>,
        slug: &str,
    ) -> Result<Option<OwnPersona>, StorageError> {
        let slug = name_key(slug);
        let named = personas::table.filter(personas::slug.eq(slug));
        if let Some(viewer) = viewer {
            let own = first!(self, named.clone().filter(personas::owner_id.eq(viewer.to_string())))?;
            if own.is_some() {
                return Ok(own);
            }
        }
        first!(self, named.filter(personas::public.eq(true)))
    }

    /// The character of this short name in the state of this version, whosever it is: nobody guesses a version.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn persona_of_version(
        &mut self,
        slug: &str,
        version: &str,
    ) -> Result<Option<OwnPersona>, StorageError> {
        let named = personas::table.filter(personas::slug.eq(name_key(slug)));
        first!(self, named.filter(personas::version.eq(version)))
    }

    /// The character of this name in any case, the oldest of several: one of the viewer's own, or else a public one.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn persona_of_name(
        &mut self,
        viewer: UserId,
        name: &str,
    ) -> Result<Option<OwnPersona>, StorageError> {
        let named = personas::table.filter(personas::name_key.eq(name_key(name))).order(personas::key);
        let own = first!(self, named.clone().filter(personas::owner_id.eq(viewer.to_string())))?;
        if own.is_some() {
            return Ok(own);
        }
        first!(self, named.filter(personas::public.eq(true)))
    }

    /// The short names of these characters, as far as the viewer may speak to them.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn persona_slugs(
        &mut self,
        viewer: UserId,
        ids: &[PersonaId],
    ) -> Result<Vec<(PersonaId, String)>, StorageError> {
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let rows: Vec<(String, String)> = personas::table
            .filter(personas::id.eq_any(ids))
            .filter(personas::owner_id.eq(viewer.to_string()).or(personas::public.eq(true)))
            .select((personas::id, personas::slug))
            .load(self.connection)?;
        rows.into_iter().map(|(persona, slug)| Ok((id(&persona)?, slug))).collect()
    }

    /// The whole of a character, in one piece.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn persona_package(&mut self, persona: PersonaId) -> Result<Option<Vec<u8>>, StorageError> {
        let package = personas::table
            .filter(personas::id.eq(persona.to_string()))
            .select(personas::package)
            .first(self.connection)
            .optional()?;
        Ok(package)
    }

    /// A character's picture, where it has one.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn persona_picture(&mut self, persona: PersonaId) -> Result<Option<Vec<u8>>, StorageError> {
        let picture: Option<Option<Vec<u8>>> = personas::table
            .filter(personas::id.eq(persona.to_string()))
            .select(personas::picture)
            .first(self.connection)
            .optional()?;
        Ok(picture.flatten())
    }

    /// How many characters of their own a person has, and how many bytes these take together.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn persona_usage(&mut self, owner: UserId) -> Result<(u64, u64), StorageError> {
        use diesel::dsl::sql;
        use diesel::sql_types::BigInt;
        // Both databases know how long a value is without reading it.
        let bytes = "CAST(coalesce(sum(length(package) + coalesce(length(picture), 0)), 0) AS BIGINT)";
        let (rows, bytes): (i64, i64) = personas::table
            .filter(personas::owner_id.eq(owner.to_string()))
            .select((sql::<BigInt>("count(*)"), sql::<BigInt>(bytes)))
            .first(self.connection)?;
        Ok((uncount(rows), uncount(bytes)))
    }
}

impl WriteTx<'_> {
    /// Adds a character, unless its owner, or everybody where it is public, has another one of its short name.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn insert_persona(
        &mut self,
        persona: &OwnPersona,
        files: &PersonaFiles,
    ) -> Result<Kept, StorageError> {
        let row = (
            personas::id.eq(persona.id.to_string()),
            personas::owner_id.eq(persona.owner_id.to_string()),
            personas::created_at.eq(persona.created_at.as_micros()),
            ContentRow::new(persona, files),
        );
        // In a savepoint: on some databases a refused statement spoils the transaction around it.
        let inserted = self
            .connection
            .transaction(|connection| diesel::insert_into(personas::table).values(row).execute(connection));
        kept(inserted)
    }

    /// Puts this in the place of what a character was, if it still is in the state of that version.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn replace_persona(
        &mut self,
        version: &str,
        persona: &OwnPersona,
        files: &PersonaFiles,
    ) -> Result<Kept, StorageError> {
        let replaced = self.connection.transaction(|connection| {
            diesel::update(
                personas::table
                    .filter(personas::id.eq(persona.id.to_string()))
                    .filter(personas::version.eq(version)),
            )
            .set(ContentRow::new(persona, files))
            .execute(connection)
        });
        kept(replaced)
    }

    /// Removes one of a person's own characters. `false` where the person has no such character.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn delete_persona(&mut self, owner: UserId, persona: PersonaId) -> Result<bool, StorageError> {
        let deleted = diesel::delete(
            personas::table
                .filter(personas::id.eq(persona.to_string()))
                .filter(personas::owner_id.eq(owner.to_string())),
        )
        .execute(self.connection)?;
        Ok(deleted > 0)
    }
}

fn kept(rows: Result<usize, Error>) -> Result<Kept, StorageError> {
    match rows {
        Ok(0) => Ok(Kept::Changed),
        Ok(_) => Ok(Kept::Yes),
        Err(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => Ok(Kept::SlugTaken),
        Err(error) => Err(error.into()),
    }
}
