//! From a script to the steps of a connection, worked out once and shared by all that run it.

use std::io;

use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, sleep_until};

use crate::script::{Framing, Place, Script, Step, event};

/// A script as bytes on the wire, ready to run any number of times.
pub(crate) struct Prepared(Vec<Step>);

/// How a run ended, seen from the server.
pub(crate) enum Ending {
    /// The answer is whole: the connection may carry another request.
    Whole,
    /// The script closes the connection.
    Cut,
}

impl Prepared {
    pub(crate) fn new(script: &Script) -> Self {
        let mut body = unframed_body(script);
        if let Some(bytes) = script.cut_after_bytes {
            cut_after_bytes(&mut body, bytes);
        }
        if script.byte_by_byte {
            body = body.into_iter().flat_map(single_bytes).collect();
        }
        let mut steps = script.before_headers.clone();
        steps.push(Step::Write(head(script, &body)));
        match script.framing {
            Framing::ContentLength => steps.extend(body),
            Framing::Chunked => {
                steps.extend(body.into_iter().map(framed));
                steps.push(Step::Write(b"0\r\n\r\n".to_vec()));
            }
        }
        Self(steps)
    }

    /// Does what the script says. A script that hangs never returns.
    ///
    /// # Errors
    ///
    /// The client has gone.
    pub(crate) async fn run(&self, writer: &mut (impl AsyncWrite + Unpin)) -> io::Result<Ending> {
        let mut now = Instant::now();
        for step in &self.0 {
            match step {
                Step::Write(bytes) => writer.write_all(bytes).await?,
                Step::Wait(duration) => {
                    // Counted from when the last wait should have ended, so that many paced streams keep their rate.
                    now += *duration;
                    sleep_until(now).await;
                }
                Step::Hold(gate) => {
                    gate.pass().await;
                    now = Instant::now();
                }
                Step::Hang => std::future::pending().await,
                Step::Cut => return Ok(Ending::Cut),
                Step::Forever(bytes, pace) => loop {
                    if let Some(pace) = pace {
                        now += *pace;
                        sleep_until(now).await;
                    }
                    writer.write_all(bytes).await?;
                },
            }
        }
        Ok(Ending::Whole)
    }
}

fn unframed_body(script: &Script) -> Vec<Step> {
    let mut body = Vec::new();
    let write = |body: &mut Vec<Step>, bytes: &[u8]| {
        let comment: &[u8] = if script.comments { b": keep-alive\n\n" } else { b"" };
        body.push(Step::Write(line_ends(script, [comment, bytes].concat())));
    };
    let happen = |body: &mut Vec<Step>, place: Place| {
        for (_, step) in script.between.iter().filter(|(at, _)| *at == place) {
            body.push(match step {
                Step::Write(bytes) => Step::Write(line_ends(script, bytes.clone())),
                Step::Forever(bytes, _) => Step::Forever(line_ends(script, bytes.clone()), script.pace),
                other => other.clone(),
            });
        }
    };

    happen(&mut body, Place::AfterHeaders);
    if script.bom {
        body.push(Step::Write("\u{feff}".into()));
    }
    if let Some(opening) = &script.opening {
        write(&mut body, &event(opening));
    }
    happen(&mut body, Place::AfterPieces(0));
    for (index, piece) in script.pieces.iter().enumerate() {
        body.extend(script.pace.map(Step::Wait));
        write(&mut body, piece);
        happen(&mut body, Place::AfterPieces(index + 1));
    }
    for data in script.finish.iter().chain(&script.usage) {
        write(&mut body, &event(data));
    }
    if script.done {
        write(&mut body, &event("[DONE]"));
    }
    happen(&mut body, Place::AtTheEnd);
    body
}

fn line_ends(script: &Script, bytes: Vec<u8>) -> Vec<u8> {
    if !script.crlf {
        return bytes;
    }
    bytes.split(|byte| *byte == b'\n').collect::<Vec<_>>().join(&b"\r\n"[..])
}

fn cut_after_bytes(body: &mut Vec<Step>, mut left: usize) {
    for index in 0..body.len() {
        if let Step::Write(bytes) = &mut body[index] {
            if left < bytes.len() {
                bytes.truncate(left);
                body.truncate(index + 1);
                break;
            }
            left -= bytes.len();
        }
    }
    body.push(Step::Cut);
}

fn single_bytes(step: Step) -> Vec<Step> {
    match step {
        Step::Write(bytes) => bytes.into_iter().map(|byte| Step::Write(vec![byte])).collect(),
        other => vec![other],
    }
}

/// As an HTTP chunk; none for no bytes, since an empty chunk would end the body.
fn framed(step: Step) -> Step {
    let frame = |bytes: Vec<u8>| match bytes.len() {
        0 => bytes,
        length => [format!("{length:x}\r\n").as_bytes(), &bytes, b"\r\n"].concat(),
    };
    match step {
        Step::Write(bytes) => Step::Write(frame(bytes)),
        Step::Forever(bytes, pace) => Step::Forever(frame(bytes), pace),
        other => other,
    }
}

fn head(script: &Script, body: &[Step]) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {} Scripted\r\n", script.status);
    for (name, value) in &script.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    match script.framing {
        Framing::Chunked => head.push_str("Transfer-Encoding: chunked\r\n"),
        Framing::ContentLength => {
            // A body that will be cut still promises its whole length.
            let promised: usize = match script.cut_after_bytes {
                Some(_) => script.pieces.iter().map(Vec::len).sum(),
                None => {
                    body.iter().map(|step| if let Step::Write(bytes) = step { bytes.len() } else { 0 }).sum()
                }
            };
            head.push_str(&format!("Content-Length: {promised}\r\n"));
        }
    }
    head.push_str("\r\n");
    head.into_bytes()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    async fn seconds_of(script: &Script) -> u64 {
        let started = Instant::now();
        Prepared::new(script).run(&mut Vec::new()).await.unwrap();
        started.elapsed().as_secs()
    }

    #[tokio::test(start_paused = true)]
    async fn a_pace_is_kept_before_every_piece() {
        assert_eq!(seconds_of(&Script::reply(["a", "b", "c"]).pace(SECOND)).await, 3);
        assert_eq!(
            seconds_of(&Script::reply(["a", "b", "c"]).pace(SECOND).wait_after(0, 5 * SECOND)).await,
            8
        );
        assert_eq!(seconds_of(&Script::status(503).delay(7 * SECOND)).await, 7);
    }
}
