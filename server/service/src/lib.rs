//! Use cases: authorise, act, audit, emit.
