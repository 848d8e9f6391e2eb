//! What the program logged, of all tests together.

use std::{
    io::{self, Write},
    sync::{Mutex, Once},
};

use tracing_subscriber::fmt;

static LOGGED: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Kept;

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOGGED.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Keeps everything that is logged from now on, down to what an operator would never switch on.
pub(crate) fn keep() {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| {
        let all = fmt().with_max_level(tracing::Level::DEBUG).with_ansi(false).with_writer(|| Kept).finish();
        tracing::subscriber::set_global_default(all).unwrap();
    });
}

/// All that was logged.
pub(crate) fn logged() -> String {
    String::from_utf8_lossy(&LOGGED.lock().unwrap()).into_owned()
}
