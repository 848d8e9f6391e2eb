use domain::identity::Viewer;
use leptos_router::components::Outlet;

use crate::{
    prelude::*,
    problem::Problem,
    shell::{Frame, PageProblem},
    wire::{PageData, lazy_page},
};

/// Who looks at the portal.
#[server(prefix = "/fn", endpoint = "viewer")]
pub async fn load_viewer() -> Result<Viewer, Problem> {
    use crate::server::{actor, handle};
    Ok(handle::<service::identity::Sessions>()?.viewer(&actor()?).await?)
}

/// What surrounds every page behind the sign-in. It stays while pages change, so the viewer is
/// asked for once.
#[derive(Debug)]
pub(crate) struct SignedIn {
    viewer: PageData<Viewer>,
}

lazy_page!(main: SignedIn);

impl SignedIn {
    fn load() -> Self {
        Self { viewer: PageData::alone::<LoadViewer>() }
    }

    fn show(self) -> AnyView {
        self.viewer.each(
            || ().into_any(),
            |viewer| match viewer {
                Ok(viewer) => view! { <Frame viewer><Outlet/></Frame> },
                Err(problem) => view! { <main class="auth"><PageProblem problem/></main> },
            },
        )
    }
}
