use crate::{
    prelude::*,
    problem::Problem,
    ui::{
        Badge, Button, ButtonKind, Card, CodeBlock, EmptyKind, EmptyState, EnvironmentBadge, ErrorSummary, Example,
        Glyph, Icon, Note, Skeleton, Tone, use_toasts,
    },
};

pub(super) fn states() -> impl IntoView {
    let toasts = use_toasts();
    view! {
        <Card title="States" note="Colour is never alone: the words say it too.">
            <div class="stack">
                <div class="cluster">
                    <Badge tone=Tone::Ok>"Active"</Badge>
                    <Badge tone=Tone::Warn>"Expires in 3 d"</Badge>
                    <Badge tone=Tone::Danger>"Limit reached"</Badge>
                    <Badge tone=Tone::Accent>"Selected"</Badge>
                    <Badge>"Disabled"</Badge>
                    <Badge plain=true>"348"</Badge>
                    <EnvironmentBadge environment="test"/>
                    <EnvironmentBadge environment="live"/>
                    <Button on:click=move |_| toasts.say("The export is ready.")>"Say"</Button>
                    <Button on:click=move |_| toasts.fail("The export failed.")>"Fail"</Button>
                </div>
                <Note>"Test keys reach the sandbox without any account."</Note>
                <Note tone=Tone::Ok>"The provider answered in 212 ms and offers 41 models."</Note>
                <Note tone=Tone::Warn>"Two models have no price yet and are refused."</Note>
                <Note tone=Tone::Danger>"The provider refused the key (401)."</Note>
                <p><Skeleton width="s"/></p>
                <Skeleton block=true/>
            </div>
        </Card>
    }
}

pub(super) fn empties() -> impl IntoView {
    let paste =
        vec![Example::new("curl", "curl http://127.0.0.1:8080/v1/models -H \"Authorization: Bearer $TURNPIKE_KEY\"")];
    let problem = Problem {
        request_id: Some("req_01jc3v9m".into()),
        ..Problem::new("internal", "The database did not answer in time.")
    };
    view! {
        <Card flush=true>
            <EmptyState kind=EmptyKind::FirstUse icon=Glyph::Key title="No keys yet" text="A key lets an application call models and services through Turnpike.">
                <Button kind=ButtonKind::Primary icon=Glyph::Plus>"Create key"</Button>
                <CodeBlock name="first-call" examples=paste/>
            </EmptyState>
        </Card>
        <div class="grid">
            <Card flush=true>
                <EmptyState kind=EmptyKind::NoPermission title="Connections are for platform staff" text="Ask an owner of the platform to give you the role."/>
            </Card>
            <Card flush=true><ErrorSummary problem/></Card>
        </div>
    }
}

pub(super) fn icons() -> impl IntoView {
    let icon = |name: &Glyph| view! { <span title=name.id()><Icon name=*name/></span> };
    view! { <Card title="Icons"><div class="cluster">{Glyph::ALL.iter().map(icon).collect_view()}</div></Card> }
}
