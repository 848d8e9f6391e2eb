use super::{
    actions::{LoadTokens, RevokeToken, TokenList},
    row::TokenRow,
};
use crate::{
    lifetime::StandingBadge,
    prelude::*,
    shell::PageProblem,
    ui::{
        Button, ButtonKind, ButtonLink, Card, Column, Dialog, EmptyKind, EmptyState, FormError, Glyph, Menu, MenuLink,
        PageHead, Paging, Priority, Table, TableSkeleton, Time, Tone, TwoLines, query::query_param,
    },
    wire::{Following, Form, PageData, Sending, lazy_page},
};

/// `/tokens`: the viewer's management tokens.
#[derive(Debug)]
pub(crate) struct TokensPage {
    tokens: PageData<TokenList>,
}

lazy_page!(credentials: TokensPage);

impl TokensPage {
    fn load() -> Self {
        Self { tokens: PageData::of_query::<LoadTokens>(&["cursor"]) }
    }

    fn show(self) -> AnyView {
        let Self { tokens: data } = self;
        data.follow(waiting, move |tokens| view! { <Tokens data tokens/> })
    }
}

fn waiting() -> AnyView {
    let columns = vec!["Name", "Status", "Scopes", "Created", "Last used"];
    view! { <PageHead title="Tokens"/> <Card flush=true><TableSkeleton columns/></Card> }
}

/// The token whose revocation is asked about, by id and name.
type Asked = RwSignal<(String, String)>;

#[component]
fn Tokens(data: PageData<TokenList>, tokens: Following<TokenList>) -> impl IntoView {
    let revoke = Sending::to::<RevokeToken>();
    // Without WASM the question is asked by the address.
    let named = query_param("revoke").get_untracked();
    let named = tokens.value.with_untracked(|tokens| {
        let row = tokens.rows.iter().find(|row| row.revocable && Some(&row.id) == named.as_ref());
        row.map(|row| (row.id.clone(), row.name.clone()))
    });
    let shown = named.is_some();
    let (asked, open) = (Asked::new(named.unwrap_or_default()), RwSignal::new(shown));
    revoke.then(move || {
        open.set(false);
        data.refetch();
    });
    let ask = Callback::new(move |token: (String, String)| {
        asked.set(token);
        open.set(true);
    });
    let body = move || match tokens.problem.get() {
        Some(problem) => view! { <PageProblem problem/> },
        None => view! { <Rows tokens=tokens.value ask/> },
    };
    view! {
        <PageHead title="Tokens" note="Programs present one to the management API. A token can never do more than you can.">
            <ButtonLink href=Some("/tokens/new".to_owned()) kind=ButtonKind::Primary icon=Glyph::Plus>"Create token"</ButtonLink>
        </PageHead>
        <Card flush=true>{body}</Card>
        <Dialog id="revoke" title=Signal::derive(move || format!("Revoke {}?", asked.read().1)) small=true open shown>
            <p>"Every request with this token is refused from now on. This is final."</p>
            <Form to=revoke class="form">
                <FormError problem=revoke.problem()/>
                <input type="hidden" name="id" value=move || asked.read().0.clone()/>
                <div class="dialog__foot">
                    <Button kind=ButtonKind::Primary tone=Tone::Danger submit=true pending=revoke.pending()>"Revoke token"</Button>
                </div>
            </Form>
        </Dialog>
    }
}

#[component]
fn Rows(tokens: RwSignal<TokenList>, ask: Callback<(String, String)>) -> impl IntoView {
    let paging = Signal::derive(move || {
        let tokens = tokens.read();
        let summary = match tokens.rows.len() {
            1 => "1 token".to_owned(),
            n => format!("{n} tokens"),
        };
        Some(Paging { summary, previous: None, next: tokens.next.clone() })
    });
    view! {
        <Table
            label="Tokens"
            columns=columns(ask)
            rows=Signal::derive(move || tokens.read().rows.clone())
            key=|token: &TokenRow| format!("{} {}", token.id, token.standing.words())
            paging
            empty=nothing
        />
    }
}

fn columns(ask: Callback<(String, String)>) -> Vec<Column<TokenRow>> {
    vec![
        Column::new("Name", |token: &TokenRow| view! { <TwoLines main=token.name.clone() sub=token.hint.clone()/> })
            .shown(Priority::Always),
        Column::new("Status", |token: &TokenRow| view! { <StandingBadge standing=token.standing.clone()/> })
            .shown(Priority::Always),
        Column::new("Scopes", |token: &TokenRow| {
            let (all, shown) = (token.scopes.join(", "), scopes(&token.scopes));
            view! { <span class="muted" title=all>{shown}</span> }
        })
        .shown(Priority::Desktop),
        Column::new("Created", |token: &TokenRow| {
            let at = token.created.clone();
            view! { <span class="muted"><Time at/></span> }
        }),
        Column::new("Last used", |token: &TokenRow| {
            let used = token.last_used.clone();
            view! { <span class="muted">{used.map_or_else(|| "never".into_any(), |at| view! { <Time at/> })}</span> }
        }),
        Column::menu(move |token: &TokenRow| {
            let target = (token.id.clone(), token.name.clone());
            let label = format!("Actions for {}", token.name);
            let id = format!("menu-{}", token.id);
            let href = format!("?revoke={}", token.id);
            let open = move |event: web_sys::MouseEvent| {
                event.prevent_default();
                ask.run(target.clone());
            };
            token.revocable.then(|| {
                view! {
                    <Menu id label>
                        <MenuLink href icon=Glyph::Ban attr:data-tone=Tone::Danger.attribute() on:click=open>"Revoke…"</MenuLink>
                    </Menu>
                }
            })
        }),
    ]
}

/// The first scopes by name, and how many more there are.
fn scopes(all: &[String]) -> String {
    const SHOWN: usize = 3;
    match all.len() {
        n if n > SHOWN => format!("{} and {} more", all[..SHOWN].join(", "), n - SHOWN),
        _ => all.join(", "),
    }
}

fn nothing() -> impl IntoView {
    view! {
        <EmptyState
            kind=EmptyKind::FirstUse
            icon=Glyph::Terminal
            title="No tokens yet"
            text="A token lets a program manage keys or read usage through the API, as far as you allow it."
        >
            <ButtonLink href=Some("/tokens/new".to_owned()) kind=ButtonKind::Primary icon=Glyph::Plus>"Create token"</ButtonLink>
        </EmptyState>
    }
}
