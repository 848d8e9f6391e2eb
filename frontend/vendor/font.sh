#!/bin/sh
# Writes ../../public/fonts/inter-4.1.woff2: Inter's variable font cut down to Latin, the three
# weights in use and the features the stylesheet asks for. Needs Python's fonttools and brotli.
set -eu
fonttools varLib.instancer node_modules/inter-ui/variable/InterVariable.woff2 wght=400:600 opsz=14 -o /tmp/inter.ttf
pyftsubset /tmp/inter.ttf --flavor=woff2 --output-file=../../public/fonts/inter-4.1.woff2 \
  --layout-features=kern,mark,mkmk,ccmp,locl,tnum,cv11,ss03,case \
  --unicodes=U+0020-007E,U+00A0-017F,U+0192,U+02C6,U+02DA,U+02DC,U+2009,U+200A,U+202F,U+2010-2014,U+2018-201A,U+201C-201E,U+2020-2022,U+2026,U+2030,U+2032,U+2033,U+2039,U+203A,U+2044,U+20AC,U+20B9,U+20BF,U+2122,U+2190-2193,U+2196-2199,U+2212,U+2215,U+2248,U+2260,U+2264,U+2265,U+2318,U+21E7,U+2713,U+2715
