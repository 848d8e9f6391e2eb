//! Conditions that are put together at run time, for either engine.

use domain::{KeyId, OrganizationId, filter::Between};
use sqlx::{Database, Encode, QueryBuilder, Type};
use uuid::Uuid;

/// A part of a query: words that stand in this program, or a value that is bound.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Piece {
    Sql(&'static str),
    Text(String),
    Number(i64),
    Id(Uuid),
    /// A number that is written out: of these there may be more than of values that are bound.
    Written(i64),
}

/// A part of a query that is put together before it is known for which engine.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Pieces(Vec<Piece>);

impl Pieces {
    pub(crate) fn sql(&mut self, sql: &'static str) -> &mut Self {
        self.0.push(Piece::Sql(sql));
        self
    }

    pub(crate) fn text(&mut self, text: impl Into<String>) -> &mut Self {
        self.0.push(Piece::Text(text.into()));
        self
    }

    pub(crate) fn number(&mut self, number: i64) -> &mut Self {
        self.0.push(Piece::Number(number));
        self
    }

    pub(crate) fn id(&mut self, id: Uuid) -> &mut Self {
        self.0.push(Piece::Id(id));
        self
    }

    /// Values with commas between them, in brackets; there must be one, for engines differ about none.
    pub(crate) fn list(&mut self, values: impl IntoIterator<Item = Piece>) -> &mut Self {
        for (index, value) in values.into_iter().enumerate() {
            self.sql(if index == 0 { "(" } else { ", " });
            self.0.push(value);
        }
        self.sql(")")
    }

    /// This, and then that.
    pub(crate) fn and(&mut self, other: Self) -> &mut Self {
        self.0.extend(other.0);
        self
    }

    /// The condition of what is made for one of these keys of the organization; there must be a key.
    pub(crate) fn of_keys(organization: OrganizationId, keys: &[KeyId]) -> Self {
        let mut pieces = Self::default();
        pieces.sql("scope = 'key' AND organization_id = ").id(organization.uuid());
        pieces.sql(" AND subject IN ").list(keys.iter().map(|key| Piece::Id(key.uuid())));
        pieces
    }

    /// ` AND column >= from AND column <= to`, as far as they are given.
    pub(crate) fn between<T: Copy>(&mut self, column: &'static str, range: &Between<T>, number: impl Fn(T) -> i64) {
        for (end, operator) in [(range.from, " >= "), (range.to, " <= ")] {
            if let Some(end) = end {
                self.sql(" AND ").sql(column).sql(operator).number(number(end));
            }
        }
    }

    /// Writes it into a query.
    pub(crate) fn write<DB: Database>(self, q: &mut QueryBuilder<DB>)
    where
        for<'q> String: Encode<'q, DB> + Type<DB>,
        for<'q> i64: Encode<'q, DB> + Type<DB>,
        for<'q> Uuid: Encode<'q, DB> + Type<DB>,
    {
        for piece in self.0 {
            match piece {
                Piece::Sql(sql) => q.push(sql),
                Piece::Text(text) => q.push_bind(text),
                Piece::Number(number) => q.push_bind(number),
                Piece::Id(id) => q.push_bind(id),
                Piece::Written(number) => q.push(number),
            };
        }
    }
}
