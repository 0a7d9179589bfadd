// The other half of utf8proc_data.awk: makes the tables of utf8proc what they were.

static void unpack(const unsigned char *packed, utf8proc_uint16_t *out, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    out[i] = (utf8proc_uint16_t)(packed[i] | packed[count + i] << 8);
  }
}

__attribute__((constructor)) static void unpack_tables(void) {
#define UNPACK(name) unpack(packed_##name, utf8proc_##name, sizeof utf8proc_##name / 2)
  UNPACK(sequences);
  UNPACK(stage1table);
  UNPACK(stage2table);
  UNPACK(combinations);
#undef UNPACK
  utf8proc_property_t now = {0};
  now.uppercase_seqindex = now.lowercase_seqindex = now.titlecase_seqindex = UINT16_MAX;
  for (size_t i = 0; i < sizeof utf8proc_properties / sizeof now; ++i) {
#define STEP(field) now.field += steps_##field[i]
    STEP(category);
    STEP(combining_class);
    STEP(decomp_seqindex);
    STEP(casefold_seqindex);
    STEP(comb_index);
    STEP(comp_exclusion);
#undef STEP
    utf8proc_properties[i] = now;
  }
}
