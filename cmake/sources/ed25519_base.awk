# libsodium's ed25519_ref10.c with the multiples of the base point computed (ed25519_base.h) in
# WebAssembly, and with the table of them everywhere else.
/^ge25519_cmov8_base/ { held = "#ifdef __wasm__\n# include \"ed25519_base.h\"\n#endif\n" held }
NR > 1 { print held }
{ held = $0 }
/static const ge25519_precomp base\[32\]\[8\]/ {
  is_table = 1
  held = "#ifdef __wasm__\n    const ge25519_precomp (*const base)[8] = ed25519_base();\n#else\n" $0
}
is_table && /^    };/ {
  is_table = 0
  is_done = 1
  held = $0 "\n#endif"
}
END {
  print held
  if (!is_done) exit 1
}
