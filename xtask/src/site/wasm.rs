//! As much of WebAssembly's binary format as moving functions about needs.

use anyhow::{Context, Result};
use wasmparser::{Parser, Payload, TypeRef};

/// The functions of a module.
pub(super) struct Functions<'a> {
    /// The number of the first; those before it are imported.
    pub(super) first: u32,
    /// What each is made of.
    pub(super) bodies: Vec<&'a [u8]>,
}

/// Reads them.
pub(super) fn functions(module: &[u8]) -> Result<Functions<'_>> {
    let mut functions = Functions { first: 0, bodies: Vec::new() };
    for payload in Parser::new(0).parse_all(module) {
        match payload.context("this is no WebAssembly")? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    functions.first += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::CodeSectionEntry(body) => functions.bodies.push(body.as_bytes()),
            _ => {}
        }
    }
    Ok(functions)
}

/// The module with its functions, of which `first` is the number of the first, named by their places.
/// A module that wasm-opt made has no names yet.
pub(super) fn with_names(module: &[u8], first: u32, places: &[usize]) -> Vec<u8> {
    let mut names = leb128(places.len());
    for (number, place) in (first as usize..).zip(places) {
        names.extend(leb128(number));
        names.extend(sized(format!("{place:06}").as_bytes()));
    }
    // A custom section (0) of the name `name`, and in it the subsection of functions (1).
    let section = [sized(b"name"), vec![1], sized(&names)].concat();
    [module, &[0], &sized(&section)].concat()
}

fn sized(content: &[u8]) -> Vec<u8> {
    [leb128(content.len()).as_slice(), content].concat()
}

fn leb128(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = (number & 0x7f) as u8;
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Imports one function and has two: `() => {}` and `() => unreachable`.
    const MODULE: [u8; 44] = [
        0, b'a', b's', b'm', 1, 0, 0, 0, // version 1
        1, 4, 1, 0x60, 0, 0, // one type
        2, 7, 1, 1, b'm', 1, b'f', 0, 0, // one import
        3, 3, 2, 0, 0, // two functions of that type
        10, 8, 2, 2, 0, 0x0b, 3, 0, 0, 0x0b, // their bodies
        0, 4, 1, b'x', 1, 2, // a custom section
    ];

    #[test]
    fn functions_are_found_behind_the_imported_ones() {
        let functions = functions(&MODULE).unwrap();
        assert_eq!(functions.first, 1);
        assert_eq!(functions.bodies, [&[0, 0x0b][..], &[0, 0, 0x0b]]);
    }

    #[test]
    fn names_can_be_read_again() {
        let named = with_names(&MODULE, 1, &[1, 0]);
        let mut found = Vec::new();
        for payload in Parser::new(0).parse_all(&named) {
            let Payload::CustomSection(section) = payload.unwrap() else { continue };
            let wasmparser::KnownCustom::Name(names) = section.as_known() else { continue };
            for name in names {
                let wasmparser::Name::Function(functions) = name.unwrap() else { panic!("only functions are named") };
                found.extend(functions.into_iter().map(|naming| naming.map(|n| (n.index, n.name.to_owned())).unwrap()));
            }
        }
        assert_eq!(found, [(1, "000001".to_owned()), (2, "000000".to_owned())]);
    }
}
