use domain::identity::Viewer;
use leptos::prelude::*;
use leptos_router::components::Outlet;

use crate::{
    problem::Problem,
    shell::{Frame, PageProblem},
};

/// Who looks at the portal.
#[server(prefix = "/fn", endpoint = "viewer")]
pub async fn load_viewer() -> Result<Viewer, Problem> {
    use crate::server::{actor, handle};
    Ok(handle::<service::identity::Sessions>()?.viewer(&actor()?).await?)
}

/// What surrounds every page behind the sign-in. It stays while pages change, so the viewer is
/// asked for once.
#[component]
pub(crate) fn SignedIn() -> impl IntoView {
    let known = Resource::new_blocking(|| (), |()| load_viewer());
    let page = move || {
        Suspend::new(async move {
            match known.await {
                Ok(viewer) => view! { <Frame viewer><Outlet/></Frame> }.into_any(),
                Err(problem) => view! { <main class="auth"><PageProblem problem/></main> }.into_any(),
            }
        })
    };
    view! { <Suspense>{page}</Suspense> }
}
