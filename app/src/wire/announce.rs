//! Telling the browser which code a page needs, in the page's head, so that it is fetched at once.
//!
//! Leptos has this too, but looks for its manifest where there may be no context any more, and then
//! announces nothing: about every second page.

use std::{
    collections::{HashMap, HashSet},
    path::Path,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use crate::prelude::*;
use leptos_meta::Link;

/// What loads them, by the name that it has where names carry no hash.
const LOADER: &str = "/pkg/__wasm_split.______________________.js";

/// The files of each room's code, as the build wrote them down; empty where nothing is split.
static FILES: OnceLock<HashMap<String, Vec<String>>> = OnceLock::new();

/// What is announced in a page's head already: rooms share files.
#[derive(Clone, Default)]
struct Announced(Arc<Mutex<HashSet<String>>>);

/// Prepares a page: looks once where the files are.
pub(crate) fn prepare(options: &LeptosOptions) {
    provide_context(Announced::default());
    FILES.get_or_init(|| {
        let pkg = Path::new(options.site_root.as_ref()).join(options.site_pkg_dir.as_ref());
        let manifest = std::fs::read_to_string(pkg.join("__wasm_split_manifest.json")).ok();
        manifest.and_then(|manifest| serde_json::from_str(&manifest).ok()).unwrap_or_default()
    });
}

/// Announces the code of a room.
pub(crate) fn announce(room: &str) {
    let Some(Announced(before)) = use_context() else { return };
    let mut before = before.lock().unwrap_or_else(PoisonError::into_inner);
    if before.is_empty() {
        let _ = view! { <Link rel="modulepreload" href=LOADER/> }.to_html();
    }
    for file in FILES.get().and_then(|files| files.get(room)).into_iter().flatten() {
        if before.insert(file.clone()) {
            let href = format!("/pkg/{file}.wasm");
            // Writing it is what puts it into the head.
            let _ = view! { <Link rel="preload" href as_="fetch" type_="application/wasm" crossorigin="anonymous"/> }
                .to_html();
        }
    }
}
