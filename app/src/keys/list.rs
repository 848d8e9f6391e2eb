use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use crate::ui::PageHead;

/// `/keys`: the organization's keys.
#[derive(Debug)]
pub(crate) struct KeysPage;

#[lazy_route]
impl LazyRoute for KeysPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <PageHead title="Keys"/> }.into_any()
    }
}
