//! `/_gallery`: every component in all its states, to look at in both themes and three widths.
//! It exists in debug builds only, so its words and figures are made up and stay here.

mod controls;
mod data;
mod feedback;
mod tables;

use domain::{
    Entropy, OrganizationId, Timestamp, UserId,
    identity::{Permission, Role, Viewer},
};

use crate::{
    prelude::*,
    shell::Frame,
    ui::{Button, ButtonKind, Glyph, Live, PageHead, Segment, Segmented},
    wire::lazy_page,
};

/// The page.
#[derive(Debug)]
pub(crate) struct GalleryPage;

lazy_page!(gallery: GalleryPage);

impl GalleryPage {
    fn load() -> Self {
        Self
    }

    fn show(self) -> AnyView {
        let Ok(viewer) = viewer() else { return ().into_any() };
        view! {
            <Frame viewer>
                <PageHead title="Gallery" live=Signal::stored(Live::On)>
                    <Segmented label="Period">
                        <Segment href="?period=24h" current=false>"24h"</Segment>
                        <Segment href="?period=7d" current=true>"7d"</Segment>
                        <Segment href="?period=30d" current=false>"30d"</Segment>
                    </Segmented>
                    <Button kind=ButtonKind::Primary icon=Glyph::Plus>"Create key"</Button>
                </PageHead>
                {data::figures()}
                {tables::keys()}
                {tables::no_keys()}
                {controls::buttons()}
                {controls::form()}
                {controls::templates()}
                {controls::dialogs()}
                {controls::keys()}
                {feedback::states()}
                {feedback::empties()}
                {feedback::icons()}
            </Frame>
        }
    }
}

fn viewer() -> Result<Viewer, domain::Invalid> {
    let (now, same) = (Timestamp::from_micros(0), Entropy::new(|out| out.fill(0)));
    Ok(Viewer {
        user_id: UserId::mint(now, &same),
        name: "Mara König".parse()?,
        email: "mara@acme.dev".parse()?,
        organization_id: OrganizationId::mint(now, &same),
        organization: "Acme Robotics".parse()?,
        time_zone: "Europe/Berlin".into(),
        role: Role::Owner,
        super_admin: true,
        gateway_url: "https://gate.acme.dev/v1".into(),
        permissions: Permission::ALL.to_vec(),
    })
}
