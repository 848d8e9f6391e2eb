use std::time::Duration;

use domain::{
    Entropy, MembershipId, OrganizationId, SessionId, Timestamp, TokenId, UserId,
    identity::{Permission, Role, TOKEN_PREFIX},
    secrets::Secret,
};
use store::{
    Db,
    identity::{Membership, Session, Token, User},
};

use super::World;

/// Someone with a session and a token that has every scope.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) user: UserId,
    pub(crate) session: String,
    pub(crate) token: String,
}

impl Person {
    /// Signs in someone who is in the database, past passwords.
    pub(crate) async fn known(
        db: &Db,
        entropy: &Entropy,
        at: Timestamp,
        organization: OrganizationId,
        user: UserId,
    ) -> Self {
        let session = Secret::mint("tps_", entropy);
        let row = Session {
            id: SessionId::mint(at, entropy),
            user_id: user,
            organization_id: organization,
            secret_hash: session.hash(),
            created_at: at,
            last_seen_at: at,
            expires_at: at.plus(Duration::from_secs(30 * 86_400)),
            ip: None,
            user_agent: None,
        };
        let token = Secret::mint(TOKEN_PREFIX, entropy);
        let mut tx = db.begin().await.unwrap();
        tx.identity().insert_session(&row).await.unwrap();
        let row = token_row(entropy, at, organization, user, Permission::ALL, &token);
        tx.identity().insert_token(&row).await.unwrap();
        tx.commit().await.unwrap();
        Self { user, session: session.expose().to_owned(), token: token.expose().to_owned() }
    }
}

impl World {
    /// A new member of an organization.
    pub(crate) async fn person(&self, organization: OrganizationId, role: Role) -> Person {
        let at = self.now();
        let user = User {
            id: UserId::mint(at, &self.entropy),
            email: format!("{role}-{}@example.com", at.micros()).parse().unwrap(),
            name: "Kim".parse().unwrap(),
            password_hash: None,
            super_admin: false,
            created_at: at,
        };
        let membership = Membership {
            id: MembershipId::mint(at, &self.entropy),
            organization_id: organization,
            user_id: user.id,
            role,
            created_at: at,
        };
        let mut tx = self.db.begin().await.unwrap();
        tx.identity().insert_user(&user).await.unwrap();
        tx.identity().insert_membership(&membership).await.unwrap();
        tx.commit().await.unwrap();
        Person::known(&self.db, &self.entropy, at, organization, user.id).await
    }

    /// A further token of the owner's, with these scopes and this end.
    pub(crate) async fn token(&self, scopes: &[Permission], expires_at: Option<Timestamp>) -> String {
        let secret = Secret::mint(TOKEN_PREFIX, &self.entropy);
        let row = token_row(&self.entropy, self.now(), self.organization, self.owner.user, scopes, &secret);
        let mut tx = self.db.begin().await.unwrap();
        tx.identity().insert_token(&Token { expires_at, ..row }).await.unwrap();
        tx.commit().await.unwrap();
        secret.expose().to_owned()
    }
}

fn token_row(
    entropy: &Entropy,
    at: Timestamp,
    organization: OrganizationId,
    user: UserId,
    scopes: &[Permission],
    secret: &Secret,
) -> Token {
    Token {
        id: TokenId::mint(at, entropy),
        organization_id: organization,
        user_id: user,
        name: "deploy".parse().unwrap(),
        secret_hash: secret.hash(),
        last_four: secret.last_four(),
        scopes: sqlx::types::Json(scopes.to_vec()),
        created_at: at,
        expires_at: None,
        last_used_at: None,
        revoked_at: None,
    }
}
