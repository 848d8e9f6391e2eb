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
        impl ::leptos_router::LazyRoute for $page {
            fn data() -> Self {
                $page::load()
            }

            async fn view(this: Self) -> ::leptos::prelude::AnyView {
                $page::show(this)
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

            impl ::leptos_router::LazyRoute for $page {
                fn data() -> Self {
                    $page::load()
                }

                async fn view(this: Self) -> ::leptos::prelude::AnyView {
                    show(this).await
                }

                async fn preload() {
                    #[cfg(target_arch = "wasm32")]
                    fetch_code().await;
                }
            }
        };
    };
}

pub(crate) use lazy_page;
