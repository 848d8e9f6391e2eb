use std::pin::Pin;

use leptos_router::ChooseView;

use crate::prelude::*;

/// A page of the portal, which `lazy_page!` makes of a type.
pub(crate) trait Paged: Send + Sync + 'static {
    /// Begins loading its data.
    fn load() -> Self
    where
        Self: Sized;

    /// Fetches its code, if that is not here yet.
    fn fetch() -> Fetching
    where
        Self: Sized;

    /// Draws it.
    fn draw(self: Box<Self>) -> Drawing;
}

/// A page's code on its way.
pub(crate) type Fetching = Pin<Box<dyn Future<Output = ()>>>;
/// A page on its way.
pub(crate) type Drawing = Pin<Box<dyn Future<Output = AnyView>>>;

/// The view of a page's route.
pub(crate) fn page<P: Paged>() -> Page {
    Page { load: || Box::new(P::load()), fetch: P::fetch, loaded: ArcStoredValue::new(None) }
}

/// A page as its route knows it. Leptos has this too, of a type for each page, and then compiles the router
/// anew for each.
#[derive(Clone)]
pub(crate) struct Page {
    load: fn() -> Box<dyn Paged>,
    fetch: fn() -> Fetching,
    loaded: ArcStoredValue<Option<Box<dyn Paged>>>,
}

impl ChooseView for Page {
    async fn choose(self) -> AnyView {
        let loaded = self.loaded.write_value().take().unwrap_or_else(self.load);
        loaded.draw().await
    }

    async fn preload(&self) {
        *self.loaded.write_value() = Some((self.load)());
        (self.fetch)().await;
    }
}

/// Makes a type a page whose code the browser loads when it is first visited:
/// `lazy_page!(keys: KeysPage)`, where `KeysPage::load()` begins loading its data and
/// `KeysPage::show(self)` draws it. Only `load` stands in what every page needs.
///
/// Pages of one room come as one file, because they share most of their code: split finer, what is
/// shared falls apart into hundreds of files, one for each set of pages that have it in common.
///
/// `lazy_page!(main: KeysPage)` is in the main WASM: what all pages need, or is made of what all pages
/// are made of. It loads its data like the others.
macro_rules! lazy_page {
    (main: $page:ident) => {
        impl $crate::wire::Paged for $page {
            fn load() -> Self {
                $page::load()
            }

            fn fetch() -> $crate::wire::Fetching {
                Box::pin(async {})
            }

            fn draw(self: Box<Self>) -> $crate::wire::Drawing {
                Box::pin(async move { $page::show(*self) })
            }
        }
    };
    ($room:ident: $page:ident) => {
        const _: () = {
            #[cfg(not(feature = "ssr"))]
            #[::leptos::wasm_split::wasm_split($room, wasm_split_path = ::leptos::wasm_split, preload(fetch_code))]
            fn show(page: $page) -> ::leptos::prelude::AnyView {
                $page::show(page)
            }

            #[cfg(feature = "ssr")]
            async fn show(page: $page) -> ::leptos::prelude::AnyView {
                // The browser is told to fetch the code along with the page.
                $crate::wire::announce::announce(stringify!($room));
                $page::show(page)
            }

            impl $crate::wire::Paged for $page {
                fn load() -> Self {
                    $page::load()
                }

                fn fetch() -> $crate::wire::Fetching {
                    #[cfg(target_arch = "wasm32")]
                    return Box::pin(fetch_code());
                    #[cfg(not(target_arch = "wasm32"))]
                    Box::pin(async {})
                }

                fn draw(self: Box<Self>) -> $crate::wire::Drawing {
                    Box::pin(show(*self))
                }
            }
        };
    };
}

pub(crate) use lazy_page;
