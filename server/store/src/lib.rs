//! Persistence: one SQL text on SQLite and PostgreSQL.
