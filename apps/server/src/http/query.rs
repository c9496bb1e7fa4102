//! Query strings, and the pages that they ask for.

use actix_web::{HttpRequest, web};
use raconteur_domain::{PageNumber, PageRequest, strip};

use super::error::ApiError;
use super::forwarded;
use crate::app::App;

/// How many items a page of a list has.
#[derive(Clone, Copy, Debug)]
pub struct PageSizes {
    /// Where nobody says.
    pub default: u32,
    /// At most.
    pub max: u32,
}

impl PageSizes {
    /// What is said of a size that is none, where the smallest is this one.
    pub fn wrong(self, name: &'static str, min: u32) -> ApiError {
        ApiError::field(name, format!("A whole number from {min} to {} was expected.", self.max))
    }
}

/// A query string. Where a name stands twice, the last one counts; what is no UTF-8 becomes U+FFFD.
#[derive(Clone, Debug)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// The query of a request.
    #[must_use]
    pub fn of(request: &HttpRequest) -> Self {
        Self(form_urlencoded::parse(request.query_string().as_bytes()).into_owned().collect())
    }

    /// The value of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A filter: trimmed, and none where it is blank.
    ///
    /// # Errors
    ///
    /// 400 where it has a NUL, which no stored text has.
    pub fn filter(&self, name: &'static str) -> Result<Option<String>, ApiError> {
        let value = self.get(name).map(strip).filter(|value| !value.is_empty());
        match value {
            Some(value) if value.contains('\0') => {
                Err(ApiError::field(name, "Null characters are not allowed."))
            }
            value => Ok(value.map(ToOwned::to_owned)),
        }
    }

    /// As [`Query::filter`], of at most so many characters.
    ///
    /// # Errors
    ///
    /// 400 for a text with a NUL in it, or a longer one.
    pub fn text(&self, name: &'static str, max: usize) -> Result<Option<String>, ApiError> {
        let text = self.filter(name)?;
        if text.as_ref().is_some_and(|text| text.chars().count() > max) {
            return Err(ApiError::field(
                name,
                format!("Ensure this field has no more than {max} characters."),
            ));
        }
        Ok(text)
    }

    /// A truth value, false where nobody says.
    ///
    /// # Errors
    ///
    /// 400 for what is neither `true` nor `false`.
    pub fn flag(&self, name: &'static str) -> Result<bool, ApiError> {
        match self.get(name) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(Self::wrong_flag(name)),
        }
    }

    /// What is said of a truth value that is none.
    pub fn wrong_flag(name: &'static str) -> ApiError {
        ApiError::field(name, "Must be `true` or `false`.")
    }

    /// The page that is asked for: `page` (a number from 1, or `last`) and `page_size`.
    ///
    /// # Errors
    ///
    /// 404 for what is no page number, 400 for what is no size.
    pub fn page(&self, sizes: PageSizes) -> Result<PageRequest, ApiError> {
        let number = match self.get("page") {
            None => PageNumber::Number(1),
            Some("last") => PageNumber::Last,
            Some(text) => PageNumber::Number(whole_number(text).ok_or(ApiError::InvalidPage)?),
        };
        Ok(PageRequest { number, size: self.size("page_size", sizes)? })
    }

    /// A size of a page. One that is too large is taken as the largest.
    ///
    /// # Errors
    ///
    /// 400 for what is no size.
    pub fn size(&self, name: &'static str, sizes: PageSizes) -> Result<u32, ApiError> {
        self.number(name, 1, sizes).map(|size| size.min(sizes.max))
    }

    /// How many results there are at most, 0 to this many.
    ///
    /// # Errors
    ///
    /// 400 for what is no such number.
    pub fn limit(&self, name: &'static str, sizes: PageSizes) -> Result<u32, ApiError> {
        match self.number(name, 0, sizes)? {
            number if number > sizes.max => Err(sizes.wrong(name, 0)),
            number => Ok(number),
        }
    }

    fn number(&self, name: &'static str, min: u32, sizes: PageSizes) -> Result<u32, ApiError> {
        let Some(text) = self.get(name) else {
            return Ok(sizes.default);
        };
        let number = whole_number(text).map(|number| u32::try_from(number).unwrap_or(u32::MAX));
        number.filter(|number| *number >= min).ok_or_else(|| sizes.wrong(name, min))
    }

    /// The same query, for another part of the list.
    fn with_part(&self, name: &str, value: &str) -> String {
        let others = self.0.iter().filter(|(name, _)| !PARTS.contains(&name.as_str()));
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(others).append_pair(name, value);
        query.finish()
    }
}

/// The parameters that say which part of a list is asked for. A query has one of them at most.
pub const PARTS: [&str; 3] = ["page", "before", "after"];

/// Digits and nothing else; a number too long to be meant is as good as the largest.
pub fn whole_number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}

/// The whole address of another part of the list that was asked for: [`PARTS`] has the names.
pub fn link(request: &HttpRequest, name: &str, value: &str) -> String {
    let trusted = request.app_data::<web::Data<App>>().map_or(&[][..], |app| &app.trusted_proxies);
    let query = Query::of(request).with_part(name, value);
    format!("{}{}/?{query}", forwarded::origin(request, trusted), request.path().trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZES: PageSizes = PageSizes { default: 20, max: 100 };

    fn query(text: &str) -> Query {
        Query(form_urlencoded::parse(text.as_bytes()).into_owned().collect())
    }

    #[test]
    fn pages_are_whole_numbers_or_the_last() {
        let number = |text: &str| query(text).page(SIZES).map(|page| page.number);
        assert_eq!(number(""), Ok(PageNumber::Number(1)));
        assert_eq!(number("page=last"), Ok(PageNumber::Last));
        assert_eq!(number("page=1&page=3"), Ok(PageNumber::Number(3)));
        for text in ["page=abc", "page=-1", "page=1.5", "page=", "page=%2B1", "page=Last"] {
            assert_eq!(number(text), Err(ApiError::InvalidPage), "{text}");
        }
    }

    #[test]
    fn sizes_are_bounded() {
        let size = |text: &str| query(text).page(SIZES).map(|page| page.size).ok();
        assert_eq!((size(""), size("page_size=7"), size("page_size=101")), (Some(20), Some(7), Some(100)));
        assert_eq!(size("page_size=99999999999999999999999"), Some(100));
        for text in ["page_size=0", "page_size=-1", "page_size=abc", "page_size=", "page_size=1.5"] {
            assert_eq!(size(text), None, "{text}");
        }
    }

    #[test]
    fn links_keep_the_other_parameters() {
        assert_eq!(query("a=b%20c&page=2&page_size=5").with_part("page", "3"), "a=b+c&page_size=5&page=3");
        assert_eq!(query("after=x&limit=5").with_part("before", "y"), "limit=5&before=y");
    }
}
