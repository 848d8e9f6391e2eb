use std::{
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use leptos::{reactive::computed::ScopedFuture, task::spawn_local};

use crate::{prelude::*, ui::use_toasts};

/// A piece of a page that no first paint needs: its code is loaded when it is first wanted.
/// `lazy_piece!` makes a type one.
pub(crate) trait Piece: Clone + Send + Sync + 'static {
    /// Loads its code, if that is not here yet, and draws it. Without a connection there is nothing to draw.
    fn fetch(self) -> Arriving;
}

/// A piece on its way.
pub(crate) type Arriving = Pin<Box<dyn Future<Output = Option<AnyView>>>>;

/// Makes a type a [`Piece`]: `lazy_piece!(tools: Palette)`, where `Palette::show(self)` draws it.
///
/// Pieces of one room come as one file, as pages do.
macro_rules! lazy_piece {
    ($room:ident: $piece:ident) => {
        const _: () = {
            #[cfg(not(feature = "ssr"))]
            use ::leptos::wasm_split::SplitLoaderError;

            #[cfg(not(feature = "ssr"))]
            #[::leptos::wasm_split::wasm_split($room, wasm_split_path = ::leptos::wasm_split, fallible)]
            fn show(piece: $piece) -> Result<::leptos::prelude::AnyView, SplitLoaderError> {
                Ok($piece::show(piece))
            }

            // Nobody wants anything on the server, where no key is pressed.
            #[cfg(feature = "ssr")]
            async fn show(piece: $piece) -> Result<::leptos::prelude::AnyView, ()> {
                Ok($piece::show(piece))
            }

            impl $crate::wire::Piece for $piece {
                fn fetch(self) -> $crate::wire::Arriving {
                    Box::pin(async move { show(self).await.ok() })
                }
            }
        };
    };
}

pub(crate) use lazy_piece;

/// The place of a piece: empty until it is wanted, and from then on the piece, whether it is wanted or not.
pub(crate) fn once_wanted(wanted: Signal<bool>, piece: impl Piece) -> AnyView {
    place(wanted, Box::new(move || piece.clone().fetch()))
}

/// What of that does not depend on which piece it is.
fn place(wanted: Signal<bool>, fetch: Box<dyn Fn() -> Arriving>) -> AnyView {
    let (arrived, begun) = (RwSignal::new(false), Arc::new(AtomicBool::new(false)));
    let drawn = Arc::new(Mutex::new(None));
    let toasts = use_toasts();
    // What the piece makes lives as long as its place, and not only until it is unwanted.
    let owner = Owner::current();
    let wanted = Memo::new(move |_| wanted.get());
    let slot = drawn.clone();
    effect(move || {
        if !wanted.get() || begun.swap(true, Ordering::Relaxed) {
            return;
        }
        let arriving = match &owner {
            Some(owner) => owner.with(|| ScopedFuture::new_untracked(fetch())),
            None => ScopedFuture::new_untracked(fetch()),
        };
        let (slot, begun) = (slot.clone(), begun.clone());
        spawn_local(async move {
            match arriving.await {
                Some(view) => {
                    *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(view);
                    arrived.try_set(true);
                }
                None => {
                    begun.store(false, Ordering::Relaxed);
                    toasts.fail("Turnpike can't be reached. Check the connection and try again.");
                }
            }
        });
    });
    let take = move || drawn.lock().unwrap_or_else(PoisonError::into_inner).take();
    (move || if arrived.get() { take() } else { None }).into_any()
}
