//! JSON, parsed by the browser.
//!
//! `serde_json` would be a tenth of the first load: a parser, words for whatever may be wrong, with numbers
//! of every kind in them, and for each type a look through its names for each name that is met. The browser
//! has a parser, nobody sees the words here, and a struct is given its fields one after the other, as if it were a
//! tuple: that takes half the code of being told which field comes next. A field that may be missing says so
//! by `#[serde(default)]`.

use std::fmt::{self, Display, Formatter};

use js_sys::{Array, JSON, Object, Reflect};
use serde::{
    de::{
        DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error, Expected, IntoDeserializer, MapAccess,
        SeqAccess, Unexpected, VariantAccess, Visitor,
    },
    forward_to_deserialize_any,
};
use wasm_bindgen::{JsCast, JsValue};

/// Reads a text.
pub(super) fn from_str<T: DeserializeOwned>(text: &str) -> Result<T, Unreadable> {
    T::deserialize(Json(JSON::parse(text).map_err(|_| Unreadable)?))
}

/// That something else was expected.
#[derive(Debug)]
pub(super) struct Unreadable;

impl Display for Unreadable {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("unreadable")
    }
}

impl std::error::Error for Unreadable {}

/// Everything that serde would put into words.
impl Error for Unreadable {
    fn custom<T: Display>(_: T) -> Self {
        Self
    }

    fn invalid_type(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self
    }

    fn invalid_value(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self
    }

    fn invalid_length(_: usize, _: &dyn Expected) -> Self {
        Self
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn missing_field(_: &'static str) -> Self {
        Self
    }

    fn duplicate_field(_: &'static str) -> Self {
        Self
    }
}

/// A value that was parsed.
struct Json(JsValue);

impl Json {
    fn items(&self) -> Result<Values, Unreadable> {
        let items = self.0.dyn_ref::<Array>().ok_or(Unreadable)?;
        Ok(Values(items.to_vec().into_iter()))
    }

    fn entries(&self) -> Result<Entries, Unreadable> {
        let object = self.0.dyn_ref::<Object>().ok_or(Unreadable)?;
        Ok(Entries { keys: Object::keys(object).to_vec().into_iter(), object: self.0.clone(), value: JsValue::NULL })
    }
}

fn member(object: &JsValue, name: &JsValue) -> Result<JsValue, Unreadable> {
    Reflect::get(object, name).map_err(|_| Unreadable)
}

/// Numbers are the browser's: whole ones are exact up to 2⁵³, and money travels as text.
impl<'de> Deserializer<'de> for Json {
    type Error = Unreadable;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        if let Some(text) = self.0.as_string() {
            visitor.visit_string(text)
        } else if let Some(number) = self.0.as_f64() {
            match number {
                whole if whole.fract() == 0.0 && whole >= 0.0 => visitor.visit_u64(whole as u64),
                whole if whole.fract() == 0.0 => visitor.visit_i64(whole as i64),
                number => visitor.visit_f64(number),
            }
        } else if let Some(truth) = self.0.as_bool() {
            visitor.visit_bool(truth)
        } else if self.0.is_null() {
            visitor.visit_unit()
        } else if Array::is_array(&self.0) {
            visitor.visit_seq(self.items()?)
        } else {
            visitor.visit_map(self.entries()?)
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_bool(self.0.as_bool().ok_or(Unreadable)?)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_u64(self.0.as_f64().ok_or(Unreadable)? as u64)
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_i64(self.0.as_f64().ok_or(Unreadable)? as i64)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_f64(self.0.as_f64().ok_or(Unreadable)?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_string(self.0.as_string().ok_or(Unreadable)?)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.deserialize_string(visitor)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_unit()
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_unit()
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_seq(self.items()?)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Unreadable> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_map(self.entries()?)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        if !self.0.is_object() {
            return Err(Unreadable);
        }
        visitor.visit_seq(Fields { object: self.0, names: names.iter() })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        let (name, value) = match self.0.as_string() {
            Some(name) => (name, JsValue::NULL),
            None => {
                let key = self.entries()?.keys.next().ok_or(Unreadable)?;
                (key.as_string().ok_or(Unreadable)?, member(&self.0, &key)?)
            }
        };
        let number = names.iter().position(|variant| *variant == name).ok_or(Unreadable)?;
        visitor.visit_enum(Variant { number, value })
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i128 u8 u16 u32 u128 f32 char bytes byte_buf unit_struct tuple_struct identifier
    }
}

/// An array's values.
struct Values(std::vec::IntoIter<JsValue>);

impl<'de> SeqAccess<'de> for Values {
    type Error = Unreadable;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Unreadable> {
        self.0.next().map(|value| seed.deserialize(Json(value))).transpose()
    }
}

/// An object whose keys are anything.
struct Entries {
    keys: std::vec::IntoIter<JsValue>,
    object: JsValue,
    value: JsValue,
}

impl<'de> MapAccess<'de> for Entries {
    type Error = Unreadable;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Unreadable> {
        let Some(key) = self.keys.next() else { return Ok(None) };
        self.value = member(&self.object, &key)?;
        seed.deserialize(Json(key)).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Unreadable> {
        seed.deserialize(Json(self.value.clone()))
    }
}

/// An object whose keys are known: its values in the order of the names.
struct Fields {
    object: JsValue,
    names: std::slice::Iter<'static, &'static str>,
}

impl Fields {
    /// The next value; nothing where it is missing.
    fn advance(&mut self) -> Result<Option<Json>, Unreadable> {
        let Some(name) = self.names.next() else { return Ok(None) };
        let value = member(&self.object, &JsValue::from_str(name))?;
        Ok((!value.is_undefined()).then_some(Json(value)))
    }
}

impl<'de> SeqAccess<'de> for Fields {
    type Error = Unreadable;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Unreadable> {
        self.advance()?.map(|value| seed.deserialize(value)).transpose()
    }
}

/// One of several: by its name alone, or as an object with its name and what it holds.
struct Variant {
    number: usize,
    value: JsValue,
}

impl<'de> EnumAccess<'de> for Variant {
    type Error = Unreadable;
    type Variant = Json;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Json), Unreadable> {
        let variant = seed.deserialize((self.number as u64).into_deserializer())?;
        Ok((variant, Json(self.value)))
    }
}

impl<'de> VariantAccess<'de> for Json {
    type Error = Unreadable;

    fn unit_variant(self) -> Result<(), Unreadable> {
        Ok(())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Unreadable> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Unreadable> {
        self.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        self.deserialize_struct("", names, visitor)
    }
}
