/* The multiples of Ed25519's base point that libsodium brings as 27 kB of numbers which do not
 * compress, computed with its own arithmetic when they are first needed. For WebAssembly alone, where
 * a module has one thread; tests/portable compares what is signed with them to other machines. */
#ifdef __wasm_atomics__
# error "more than one thread could be here at once"
#endif

/* [i][j] is (j+1) * 256^i * B. */
static const ge25519_precomp (*ed25519_base(void))[8] {
  static ge25519_precomp made[32][8];
  static int is_made = 0;
  /* B as RFC 8032, 5.1 writes it: y = 4/5, x even. */
  static const unsigned char b[32] = {
    0x58, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
    0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66};
  ge25519_p3 first;

  if (is_made) return made;
  if (ge25519_frombytes(&first, b) != 0) sodium_misuse();
  for (int i = 0; i < 32; ++i) {
    ge25519_p3 multiple = first;
    ge25519_cached step;
    ge25519_p1p1 sum;
    ge25519_p3_to_cached(&step, &first);
    for (int j = 0; j < 8; ++j) {
      ge25519_p3_to_precomp(&made[i][j], &multiple);
      ge25519_add(&sum, &multiple, &step);
      ge25519_p1p1_to_p3(&multiple, &sum);
    }
    for (int doubled = 0; doubled < 8; ++doubled) {
      ge25519_p3_dbl(&sum, &first);
      ge25519_p1p1_to_p3(&first, &sum);
    }
  }
  is_made = 1;
  return made;
}
