//! Finding the events in a stream of bytes, wherever it is cut into pieces.
//!
//! Lines end with LF, CR or CRLF and events with an empty line, as in the HTML standard's
//! "Server-sent events". Bytes are passed on as they came, whole events at a time; nothing is
//! copied unless an event was cut by the network or is left out.

use bytes::{Bytes, BytesMut};

/// The largest event that is looked into. What is larger passes through unread.
pub(crate) const MAX_EVENT: usize = 1 << 20;

/// Whether an event is for the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Pass it on.
    Keep,
    /// Leave it out.
    Drop,
}

/// The scanner's memory between two pieces.
#[derive(Debug, Default)]
pub(crate) struct Scanner {
    /// The beginning of an event whose end has not come.
    held: BytesMut,
    lines: Lines,
    /// In the middle of an event that is too large: its bytes are passed on as they come.
    oversize: bool,
}

impl Scanner {
    /// Takes the next piece and returns what can be passed on: all events that are whole now.
    /// `judge` is called with the data of each event that has any.
    pub(crate) fn feed(&mut self, piece: Bytes, mut judge: impl FnMut(&[u8]) -> Verdict) -> Bytes {
        let mut out = Output::new(piece);
        let mut start = 0;
        while let Some(end) = self.lines.next_event(&out.piece, start) {
            if std::mem::take(&mut self.oversize) {
                out.keep(start..end);
            } else if self.held.is_empty() {
                let verdict = judge_event(&out.piece[start..end], &mut judge);
                out.decide(start..end, verdict);
            } else {
                self.held.extend_from_slice(&out.piece[start..end]);
                let event = self.held.split();
                if judge_event(&event, &mut judge) == Verdict::Keep {
                    out.push(&event);
                }
            }
            start = end;
        }
        let rest = start..out.piece.len();
        if self.oversize {
            out.keep(rest);
        } else if self.held.len() + rest.len() > MAX_EVENT {
            self.oversize = true;
            let held = self.held.split();
            out.push(&held);
            out.keep(rest);
        } else {
            self.held.extend_from_slice(&out.piece[rest]);
        }
        out.finish()
    }

    /// Whether a part of an event was passed on whose end was not.
    pub(crate) fn is_within_event(&self) -> bool {
        self.oversize
    }

    /// Takes the end of the stream: a last event that no empty line followed counts as one.
    pub(crate) fn finish(&mut self, mut judge: impl FnMut(&[u8]) -> Verdict) -> Bytes {
        let rest = self.held.split().freeze();
        match judge_event(&rest, &mut judge) {
            Verdict::Keep => rest,
            Verdict::Drop => Bytes::new(),
        }
    }
}

/// What is passed on of one piece.
struct Output {
    piece: Bytes,
    /// The run of kept bytes of `piece` that is not copied yet.
    run: std::ops::Range<usize>,
    copied: BytesMut,
}

impl Output {
    fn new(piece: Bytes) -> Self {
        Self { piece, run: 0..0, copied: BytesMut::new() }
    }

    fn decide(&mut self, range: std::ops::Range<usize>, verdict: Verdict) {
        if verdict == Verdict::Keep {
            self.keep(range);
        }
    }

    fn keep(&mut self, range: std::ops::Range<usize>) {
        if range.is_empty() {
            return;
        }
        if self.run.end == range.start && !self.run.is_empty() {
            self.run.end = range.end;
            return;
        }
        self.flush();
        self.run = range;
    }

    fn push(&mut self, bytes: &[u8]) {
        self.flush();
        self.copied.extend_from_slice(bytes);
    }

    fn flush(&mut self) {
        let run = std::mem::take(&mut self.run);
        self.copied.extend_from_slice(&self.piece[run]);
    }

    fn finish(mut self) -> Bytes {
        if self.copied.is_empty() {
            return self.piece.slice(self.run);
        }
        self.flush();
        self.copied.freeze()
    }
}

/// Where lines end.
#[derive(Debug, Default)]
enum Lines {
    /// At the beginning of a line.
    #[default]
    Start,
    /// In a line.
    Within,
    /// After a CR that ended a line with something in it.
    AfterCr,
    /// After a CR that was a whole line: the event is over, unless an LF belongs to the CR.
    AfterEmptyCr,
}

impl Lines {
    /// The end of the event in `bytes` that `from` is in, if it has come.
    fn next_event(&mut self, bytes: &[u8], from: usize) -> Option<usize> {
        for (at, byte) in bytes.iter().enumerate().skip(from) {
            let over = match (&self, byte) {
                (Self::AfterEmptyCr, b'\n') => Some(at + 1),
                // The event ended before this byte, which the next one begins with.
                (Self::AfterEmptyCr, _) => {
                    *self = Self::Start;
                    return Some(at);
                }
                (Self::Start, b'\n') => Some(at + 1),
                _ => None,
            };
            *self = match (&self, byte) {
                _ if over.is_some() => Self::Start,
                (Self::Start, b'\r') => Self::AfterEmptyCr,
                (Self::AfterCr, b'\r') => Self::AfterEmptyCr,
                (Self::Within, b'\r') => Self::AfterCr,
                (Self::Within | Self::AfterCr, b'\n') => Self::Start,
                _ => Self::Within,
            };
            if over.is_some() {
                return over;
            }
        }
        None
    }
}

/// Calls `judge` with the event's data, if it has any: one `data` field's as it stands, several
/// joined by line feeds.
fn judge_event(event: &[u8], judge: &mut impl FnMut(&[u8]) -> Verdict) -> Verdict {
    let event = event.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(event);
    let mut first: Option<&[u8]> = None;
    let mut joined = Vec::new();
    for line in event.split(|byte| matches!(byte, b'\n' | b'\r')) {
        let Some(data) = data_of(line) else { continue };
        match first {
            None => first = Some(data),
            Some(first) => {
                if joined.is_empty() {
                    joined.extend_from_slice(first);
                }
                joined.push(b'\n');
                joined.extend_from_slice(data);
            }
        }
    }
    match first {
        None => Verdict::Keep,
        Some(_) if !joined.is_empty() => judge(&joined),
        Some(data) => judge(data),
    }
}

fn data_of(line: &[u8]) -> Option<&[u8]> {
    let rest = line.strip_prefix(b"data")?;
    match rest {
        [] => Some(rest),
        [b':', b' ', data @ ..] | [b':', data @ ..] => Some(data),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Feeds `stream` cut at `cuts`, leaving out events whose data is `drop`.
    fn run(stream: &[u8], cuts: &[usize]) -> (Vec<u8>, Vec<String>) {
        let mut cuts: Vec<_> = cuts.iter().map(|cut| cut % (stream.len() + 1)).collect();
        cuts.extend([0, stream.len()]);
        cuts.sort_unstable();
        let (mut scanner, mut out, mut seen) = (Scanner::default(), Vec::new(), Vec::new());
        let mut judge = |data: &[u8]| {
            seen.push(String::from_utf8_lossy(data).into_owned());
            if data == b"drop" { Verdict::Drop } else { Verdict::Keep }
        };
        for pair in cuts.windows(2) {
            out.extend(scanner.feed(Bytes::copy_from_slice(&stream[pair[0]..pair[1]]), &mut judge));
        }
        out.extend(scanner.finish(&mut judge));
        (out, seen)
    }

    #[test]
    fn events_are_found_and_dropped_whole() {
        for (stream, kept, data) in [
            ("data: a\n\ndata: drop\n\ndata: b\n\n", "data: a\n\ndata: b\n\n", vec!["a", "drop", "b"]),
            ("data:a\r\n\r\ndata: drop\r\n\r\n", "data:a\r\n\r\n", vec!["a", "drop"]),
            ("data: a\r\rdata: drop\r\rdata: b\r\r", "data: a\r\rdata: b\r\r", vec!["a", "drop", "b"]),
            (
                ": ping\n\nevent: x\ndata: 1\ndata: 2\nid: 5\n\n",
                ": ping\n\nevent: x\ndata: 1\ndata: 2\nid: 5\n\n",
                vec!["1\n2"],
            ),
            ("data: [DONE]\n", "data: [DONE]\n", vec!["[DONE]"]),
            (
                "\u{FEFF}data: a\n\n\n\ndata\n\ndatum: x\n\n",
                "\u{FEFF}data: a\n\n\n\ndata\n\ndatum: x\n\n",
                vec!["a", ""],
            ),
            ("data: drop", "", vec!["drop"]),
        ] {
            let every: Vec<_> = (0..stream.len()).collect();
            for cuts in [&[][..], &every] {
                let (out, seen) = run(stream.as_bytes(), cuts);
                assert_eq!(String::from_utf8(out).unwrap(), kept, "{stream:?}");
                assert_eq!(seen, data, "{stream:?}");
            }
        }
    }

    #[test]
    fn whole_events_are_passed_on_without_copying() {
        let piece = Bytes::from_static(b"data: a\n\ndata: b\n\ndata: c");
        let out = Scanner::default().feed(piece.clone(), |_| Verdict::Keep);
        assert_eq!(out, &piece[..18]);
        assert_eq!(out.as_ptr(), piece.as_ptr());
    }

    #[test]
    fn an_event_beyond_the_bound_passes_unread_and_the_next_is_read() {
        let big = format!("data: {}\n\n", "x".repeat(2 * MAX_EVENT));
        let stream = format!("{big}data: drop\n\ndata: b\n\n");
        let mut scanner = Scanner::default();
        let (mut out, mut seen) = (Vec::new(), Vec::new());
        for piece in stream.as_bytes().chunks(60_000) {
            out.extend(scanner.feed(Bytes::copy_from_slice(piece), |data| {
                seen.push(data.to_vec());
                if data == b"drop" { Verdict::Drop } else { Verdict::Keep }
            }));
            assert!(scanner.held.len() <= MAX_EVENT);
        }
        assert!(seen == [b"drop".to_vec(), b"b".to_vec()]);
        assert!(out == format!("{big}data: b\n\n").into_bytes());
    }

    fn stream() -> impl Strategy<Value = Vec<u8>> {
        let line = prop_oneof![
            Just("data: drop"),
            Just("data: a"),
            Just("data:"),
            Just(": note"),
            Just("event: e"),
            Just("é"),
            Just(""),
        ];
        let end = prop_oneof![Just("\n"), Just("\r\n"), Just("\r"), Just("\n\n"), Just("\r\n\r\n"), Just("")];
        proptest::collection::vec((line, end), 0..30)
            .prop_map(|lines| lines.into_iter().flat_map(|(line, end)| [line, end]).collect::<String>().into_bytes())
    }

    proptest! {
        #[test]
        fn any_chunking_gives_the_same(stream in stream(), cuts in proptest::collection::vec(0usize..500, 0..40)) {
            prop_assert_eq!(run(&stream, &cuts), run(&stream, &[]));
        }

        #[test]
        fn nothing_is_lost_when_nothing_is_dropped(stream: Vec<u8>, cuts in proptest::collection::vec(0usize..500, 0..20)) {
            let (out, seen) = run(&stream, &cuts);
            if !seen.iter().any(|data| data == "drop") {
                prop_assert_eq!(out, stream);
            }
        }
    }
}
