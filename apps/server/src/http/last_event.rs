//! Where a client was in a stream that it comes back to: the header `Last-Event-ID` (WHATWG HTML, 9.2.3).

use actix_web::HttpRequest;
use raconteur_domain::{GenerationId, strip};

use super::error::ApiError;
use super::query::whole_number;

/// The header, and the name under which it is refused.
pub const LAST_EVENT_ID: &str = "Last-Event-ID";

/// How far a client has read a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Up to this byte.
    Byte(usize),
    /// Up to the end.
    End,
}

/// The last event that a client has seen, by its id: `<generation_id>:<bytes>`, or `<generation_id>:end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastEvent {
    /// The reply.
    pub generation: GenerationId,
    /// How far it was read.
    pub place: Place,
}

impl LastEvent {
    /// The one that a request names. An empty header is none.
    ///
    /// # Errors
    ///
    /// 400 for what is the id of no event of ours: it may not be passed over, for a client that sends it has seen
    /// something and wants no second reply.
    pub fn of(request: &HttpRequest) -> Result<Option<Self>, ApiError> {
        let Some(header) = request.headers().get(LAST_EVENT_ID) else {
            return Ok(None);
        };
        let text = header.to_str().map_err(|_| Self::wrong())?;
        match strip(text) {
            "" => Ok(None),
            id => Self::parse(id).map(Some).ok_or_else(Self::wrong),
        }
    }

    fn parse(id: &str) -> Option<Self> {
        let (generation, place) = id.split_once(':')?;
        let place = match place {
            "end" => Place::End,
            digits => Place::Byte(bytes(digits)?),
        };
        Some(Self { generation: generation.parse().ok()?, place })
    }

    /// What is said of an id that is none of ours.
    pub fn wrong() -> ApiError {
        ApiError::field(
            LAST_EVENT_ID,
            "The id of an event was expected, as the stream had it: the generation, a colon, and a number or `end`.",
        )
    }
}

/// How many bytes; a number too large to be meant is as good as the largest.
pub fn bytes(digits: &str) -> Option<usize> {
    whole_number(digits).map(|number| usize::try_from(number).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    const ID: &str = "018f4e6a-1c2d-7a3b-8c4d-5e6f70819203";

    fn read(header: &str) -> Result<Option<LastEvent>, ApiError> {
        LastEvent::of(&TestRequest::default().insert_header((LAST_EVENT_ID, header)).to_http_request())
    }

    #[test]
    fn an_id_of_ours_is_a_generation_and_a_place() {
        let generation = ID.parse().unwrap();
        for (text, place) in [
            ("0", Place::Byte(0)),
            ("17", Place::Byte(17)),
            ("99999999999999999999999", Place::Byte(usize::MAX)),
            ("end", Place::End),
        ] {
            assert_eq!(read(&format!("{ID}:{text}")), Ok(Some(LastEvent { generation, place })), "{text}");
        }
        assert_eq!(read(&format!(" {}:end ", ID.to_uppercase())).unwrap().unwrap().generation, generation);
        assert_eq!((read(""), read(" ")), (Ok(None), Ok(None)));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["7", "end", ID, "x:7", "é", &format!("{ID}:"), &format!("{ID}:-1"), &format!("{ID}:1:2")]
        {
            assert_eq!(read(text), Err(LastEvent::wrong()), "{text}");
        }
        for place in ["+1", " 1", "1.5", "1e3", "0x1", "End", "١"] {
            assert_eq!(read(&format!("{ID}:{place}")), Err(LastEvent::wrong()), "{place}");
        }
    }
}
