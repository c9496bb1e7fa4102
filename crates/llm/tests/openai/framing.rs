//! A clean reply is heard, however a provider writes it down.

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use raconteur_fake_upstream::{FakeUpstream, Script, chunk};
use raconteur_llm::{FinishReason, Usage};

use crate::{config, hear, hear_script, model};

const STOP: Option<FinishReason> = Some(FinishReason::Stop);
const USAGE: Option<Usage> = Some(Usage { prompt_tokens: 9, completion_tokens: 3, reasoning_tokens: None });

#[tokio::test]
async fn any_framing_gives_the_same_reply() {
    let reply = || Script::reply(["Café", " ", "🐉\r\n"]);
    for script in [
        reply(),
        reply().crlf(),
        reply().comments(),
        reply().bom(),
        reply().byte_by_byte(),
        reply().crlf().comments().bom().byte_by_byte(),
        reply().without_done(),
        reply().content_type("TEXT/Event-Stream"),
        reply().event_after(1, &chunk::null_content()),
        reply().event_after(1, &chunk::empty_choices()),
        reply().event_after(0, &chunk::reasoning("He wants gold.")),
        reply().event_after(2, ""),
        reply().raw_after(2, "event: ping\nid: 7\nretry: 3\ndata:{}\n\n"),
    ] {
        let heard = hear_script(&script).await;
        assert_eq!(heard.deltas, ["Café", " ", "🐉\r\n"], "{script:?}");
        assert_eq!(heard.end, Ok((STOP, USAGE)), "{script:?}");
    }
}

#[tokio::test]
async fn the_finish_says_what_the_provider_said() {
    let reply = || Script::reply(["Aye."]).without_usage();
    for (script, reason) in [
        (reply().finish_reason("length"), Some(FinishReason::Length)),
        (reply().finish_reason("content_filter"), Some(FinishReason::ContentFilter)),
        (reply().finish_reason("eos"), Some(FinishReason::Other)),
        (reply().without_finish_reason(), None),
    ] {
        assert_eq!(hear_script(&script).await.end, Ok((reason, None)), "{script:?}");
    }
}

#[tokio::test]
async fn a_reply_without_text_is_clean() {
    for script in [Script::reply([""; 0]), Script::reply([""; 2])] {
        let heard = hear_script(&script.usage(9, 3)).await;
        assert_eq!((heard.deltas, heard.end), (Vec::new(), Ok((STOP, USAGE))));
    }
}

#[tokio::test]
async fn once_it_is_whole_nothing_spoils_a_reply() {
    let reply = || Script::reply(["Aye."]).without_usage().without_done();
    for script in [
        reply().cut_at_the_end(),
        Script::events([chunk::content("Aye."), chunk::finish("stop"), "{nonsense".to_owned()]),
        Script::events([chunk::content("Aye."), chunk::finish("stop"), chunk::error("oh", &500.into())]),
    ] {
        let heard = hear_script(&script).await;
        assert_eq!((heard.text().as_str(), heard.end), ("Aye.", Ok((STOP, None))), "{script:?}");
    }
}

#[tokio::test]
async fn a_completion_that_is_no_stream_is_one_delta() {
    let heard = hear_script(&Script::whole("I'm off.")).await;
    assert_eq!((heard.deltas, heard.end), (vec!["I'm off.".to_owned()], Ok((STOP, USAGE))));
}

#[tokio::test]
async fn nul_becomes_the_replacement_character() {
    assert_eq!(hear_script(&Script::reply(["a\0b"])).await.text(), "a\u{fffd}b");
}

/// Cuts bytes after each of these lengths, over and over.
fn cut(bytes: &[u8], lengths: &[usize]) -> Vec<Vec<u8>> {
    let mut packets = Vec::new();
    let mut rest = bytes;
    for length in lengths.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (packet, after) = rest.split_at(rest.len().min(*length));
        packets.push(packet.to_vec());
        rest = after;
    }
    packets
}

fn framed(deltas: &[String], line_end: &str, comment: &str) -> String {
    let events =
        deltas.iter().map(|delta| chunk::content(delta)).chain([chunk::finish("stop"), "[DONE]".to_owned()]);
    events.map(|data| format!("{comment}data: {data}{line_end}{line_end}")).collect()
}

#[test]
fn any_text_in_any_pieces_framing_and_packets_comes_out_as_it_went_in() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let upstream = runtime.block_on(FakeUpstream::start());
    let model = model(config(&upstream.base_url()));
    let cases = (
        prop::collection::vec("[^\0]{1,12}", 0..8),
        prop::sample::select(vec!["\n", "\r\n", "\r"]),
        prop::sample::select(vec!["", ": keep-alive\n\n", ":\r\n"]),
        prop::collection::vec(1..40_usize, 1..8),
    );
    let run = TestRunner::default().run(&cases, |(deltas, line_end, comment, lengths)| {
        upstream.always(&Script::packets(cut(framed(&deltas, line_end, comment).as_bytes(), &lengths)));
        let heard = runtime.block_on(hear(&model));
        prop_assert_eq!(heard.deltas, deltas);
        prop_assert_eq!(heard.end, Ok((STOP, None)));
        Ok(())
    });
    run.unwrap();
}
