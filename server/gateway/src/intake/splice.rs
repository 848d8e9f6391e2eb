//! Replacing parts of a text without touching the rest.

use std::ops::Range;

use bytes::{Bytes, BytesMut};

/// Puts `text` in the place of `range`.
#[derive(Debug)]
pub(crate) struct Edit {
    /// Which bytes go.
    pub(crate) range: Range<usize>,
    /// What comes instead.
    pub(crate) text: String,
}

/// Applies at most two edits that don't overlap. Without any, the bytes are shared and not copied.
pub(crate) fn splice(body: &Bytes, mut edits: [Option<Edit>; 2]) -> Bytes {
    edits.sort_by_key(|edit| edit.as_ref().map_or(usize::MAX, |edit| edit.range.start));
    if edits.iter().all(Option::is_none) {
        return body.clone();
    }
    let extra: usize = edits.iter().flatten().map(|edit| edit.text.len()).sum();
    let mut out = BytesMut::with_capacity(body.len() + extra);
    let mut from = 0;
    for edit in edits.iter().flatten() {
        out.extend_from_slice(&body[from..edit.range.start]);
        out.extend_from_slice(edit.text.as_bytes());
        from = edit.range.end;
    }
    out.extend_from_slice(&body[from..]);
    out.freeze()
}
