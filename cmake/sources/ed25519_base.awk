# libsodium's ed25519_ref10.c with the multiples of the base point computed (ed25519_base.h) where it
# would bring those for machines without 128-bit numbers.
/^ge25519_cmov8_base/ { held = "#include \"ed25519_base.h\"\n" held }
NR > 1 && !is_table { print held }
/static const ge25519_precomp base\[32\]\[8\]/ {
  is_table = 1
  print "#ifdef HAVE_TI_MODE\n" $0 "\n# include \"fe_51/base.h\"\n    };\n#else"
  print "    const ge25519_precomp (*const base)[8] = ed25519_base();\n#endif"
}
{ held = $0 }
is_table && /^    };/ { is_table = 0; held = "" }
END { print held }
