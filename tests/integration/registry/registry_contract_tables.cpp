// The registry's contract, second part: waiting records, feeds, numbers, attachments, tickets.

#include <algorithm>

#include "tannha/engine/numbers.hpp"
#include "tests/integration/registry/registry_contract.hpp"

namespace tannha::registry_contract {
namespace {

// Logs

TEST_P(RegistryContractTest, WhatHasBecomeOfALogIsThereAfterOpeningAgain) {
  Author author(1);
  commit([&] { must(registry->put_log(author.log())); });
  using Reason = body::RevocationReason;
  LogState state;
  state.revoked = {.reason = Reason::lost, .at_size = 7, .since_size = {}};
  std::vector<LogState> states{{}, state};
  state.forked_at = 3;
  state.revoked = {.reason = Reason::compromised, .at_size = 7, .since_size = 0};
  state.continued_by = Hash{9};
  state.continued_at_size = 5;
  states.push_back(state);
  for (const LogState& expected : states) {
    commit([&] { must(registry->set_log_state(author.id(), expected)); });
    reopen();
    EXPECT_EQ(must(registry->log(author.id()))->state, expected);
  }
}

// Held records

TEST_P(RegistryContractTest, WaitingRecordsAreTakenOnce) {
  commit([&] {
    must(registry->wait_for(Hash{1}, Hash{11}));
    must(registry->wait_for(Hash{1}, Hash{12}));
    must(registry->wait_for(Hash{1}, Hash{11}));
    must(registry->wait_for(Hash{2}, Hash{11}));
  });
  commit([&] {
    must(registry->make_due(Hash{3}));
    EXPECT_FALSE(must(registry->is_any_due())) << "nothing waits for it";
    must(registry->make_due(Hash{2}));
    must(registry->make_due(Hash{1}));
    EXPECT_EQ(must(registry->take_due(10)), Hashes{Hash{11}}) << "what was due first";
    EXPECT_EQ(must(registry->take_due(10)), (Hashes{Hash{11}, Hash{12}}));
    EXPECT_TRUE(must(registry->take_due(10)).empty());
    EXPECT_FALSE(must(registry->is_any_due()));
    must(registry->make_due(Hash{1}));
    EXPECT_TRUE(must(registry->take_due(10)).empty());
  });
}

TEST_P(RegistryContractTest, WhatIsDueIsTakenInPartsAndIsDueAfterOpeningAgain) {
  Hashes expected;
  commit([&] {
    for (std::uint8_t i = 1; i <= 7; ++i) {
      expected.push_back(Hash{i});
      must(registry->wait_for(Hash{99}, Hash{i}));
    }
    must(registry->make_due(Hash{99}));
    EXPECT_TRUE(must(registry->take_due(0)).empty());
    EXPECT_TRUE(must(registry->is_any_due()));
  });
  Hashes taken;
  for (int i = 0; i < 4; ++i) {
    commit([&] {
      const Hashes part = must(registry->take_due(2));
      EXPECT_LE(part.size(), 2U);
      taken.insert(taken.end(), part.begin(), part.end());
    });
    reopen();
  }
  EXPECT_EQ(taken, expected);
  EXPECT_FALSE(must(registry->is_any_due()));
}

TEST_P(RegistryContractTest, WhatIsDueStaysDueAfterARollback) {
  commit([&] {
    must(registry->wait_for(Hash{1}, Hash{11}));
    must(registry->wait_for(Hash{1}, Hash{12}));
    must(registry->make_due(Hash{1}));
  });
  must(registry->begin());
  EXPECT_EQ(must(registry->take_due(1)), Hashes{Hash{11}});
  EXPECT_EQ(must(registry->take_due(9)), Hashes{Hash{12}});
  EXPECT_FALSE(must(registry->is_any_due()));
  registry->rollback();
  EXPECT_TRUE(must(registry->is_any_due()));
  commit([&] { EXPECT_EQ(must(registry->take_due(9)), (Hashes{Hash{11}, Hash{12}})); });
}

TEST_P(RegistryContractTest, WhatBeginsToWaitAgainIsNotDueByThat) {
  commit([&] {
    for (std::uint8_t i = 1; i <= 5; ++i) must(registry->wait_for(Hash{99}, Hash{i}));
    must(registry->make_due(Hash{99}));
    std::size_t count = 0;
    for (Hashes part; !(part = must(registry->take_due(2))).empty() && count < 100;) {
      count += part.size();
      for (const Hash& hash : part) must(registry->wait_for(Hash{99}, hash));
    }
    EXPECT_EQ(count, 5U);
    EXPECT_FALSE(must(registry->is_any_due()));
    // When it is ruled on anew, all of them are.
    must(registry->make_due(Hash{99}));
    EXPECT_EQ(must(registry->take_due(100)).size(), 5U);
  });
}

TEST_P(RegistryContractTest, DueOnceMoreBeginsWithTheFirstAgain) {
  commit([&] {
    for (std::uint8_t i = 1; i <= 3; ++i) must(registry->wait_for(Hash{99}, Hash{i}));
    must(registry->make_due(Hash{99}));
    EXPECT_EQ(must(registry->take_due(1)), Hashes{Hash{1}});
    must(registry->wait_for(Hash{99}, Hash{1}));
    must(registry->make_due(Hash{99}));
    EXPECT_EQ(must(registry->take_due(9)), (Hashes{Hash{1}, Hash{2}, Hash{3}}));
    EXPECT_FALSE(must(registry->is_any_due()));
  });
}

TEST_P(RegistryContractTest, HeldRecordsAreListedByReasonFromALeafOn) {
  Author author(1);
  Hashes held;
  for (int i = 0; i < 4; ++i) {
    const Evidence note = author.note(dossier, {Verdict::held, errc::record_type_unknown});
    append(note, {dossier});
    append(author.note(dossier, {Verdict::held, errc::late_amendment}), {dossier});
    held.push_back(note.record.hash);
  }
  const auto from = [&](std::uint64_t leaf, std::size_t count_max) {
    return must(registry->held_for(errc::record_type_unknown, leaf, count_max));
  };
  EXPECT_EQ(from(0, 100), held);
  EXPECT_EQ(from(0, 2), (Hashes{held[0], held[1]}));
  EXPECT_EQ(from(3, 100), (Hashes{held[2], held[3]}));
  EXPECT_TRUE(from(7, 100).empty());
}

TEST_P(RegistryContractTest, CountsWhatOneLogHasAboutADossierThatDoesNotCount) {
  Author author(1);
  Author other(2);
  const Evidence held = author.note(dossier, {Verdict::held, errc::late_amendment});
  append(held, {dossier});
  append(author.note(dossier, {Verdict::refused, errc::out_of_scope}), {dossier, other_dossier});
  append(author.note(dossier), {dossier});
  append(other.note(dossier, {Verdict::held, errc::late_amendment}), {dossier});
  const auto count = [&](const Id& id, const Author& log, std::size_t count_max = 100) {
    return must(registry->not_counting(id, log.id(), count_max));
  };
  EXPECT_EQ(count(dossier, author), 2U);
  EXPECT_EQ(count(dossier, author, 1), 1U) << "no further than asked";
  EXPECT_EQ(count(other_dossier, author), 1U);
  EXPECT_EQ(count(dossier, other), 1U);
  EXPECT_EQ(count(other_dossier, other), 0U);
  commit([&] { must(registry->set_ruling(held.record.hash, {Verdict::effective, {}})); });
  EXPECT_EQ(count(dossier, author), 1U);
}

// Feeds

TEST_P(RegistryContractTest, NewAudienceGetsTheHistoryOnce) {
  Author author(1);
  const Evidence first = author.note(dossier);
  const Evidence second = author.note(dossier);
  append(first, {dossier});
  append(second, {dossier});
  append(author.note(other_dossier), {other_dossier});
  commit([&] { must(registry->add_audience(dossier, desk)); });
  const Hashes history{first.record.hash, second.record.hash};
  EXPECT_EQ(feed_of(desk), history);
  commit([&] { must(registry->add_audience(dossier, desk)); });
  EXPECT_EQ(feed_of(desk), history);
  EXPECT_TRUE(feed_of(courier).empty());
  commit([&] { must(registry->add_audience(dossier, courier)); });
  EXPECT_EQ(feed_of(courier), history);
  auto audiences = must(registry->audiences(dossier));
  std::ranges::sort(audiences);
  EXPECT_EQ(audiences, (std::vector<std::string>{std::string(courier), std::string(desk)}));
  EXPECT_TRUE(must(registry->audiences(other_dossier)).empty());
}

TEST_P(RegistryContractTest, FeedIsReadInPagesFromAPosition) {
  Author author(1);
  Hashes all;
  std::vector<std::uint64_t> positions;
  for (int i = 0; i < 7; ++i) {
    const Evidence note = author.note(dossier);
    append(note, {dossier});
    all.push_back(note.record.hash);
    commit([&] {
      positions.push_back(must(registry->feed(desk, note.record.hash)));
      must(registry->feed(courier, note.record.hash));
    });
    EXPECT_TRUE(i == 0 || positions[positions.size() - 1] > positions[positions.size() - 2]);
  }
  Hashes read;
  std::uint64_t after = 0;
  for (;;) {
    const auto page = must(registry->read_feed(desk, after, 3));
    EXPECT_LE(page.size(), 3U);
    if (page.empty()) break;
    for (const FeedItem& entry : page) {
      EXPECT_EQ(entry.position, positions[read.size()]);
      read.push_back(entry.evidence.record.hash);
    }
    after = page.back().position;
  }
  EXPECT_EQ(read, all);
  EXPECT_EQ(feed_of(desk, positions[4]), (Hashes{all[5], all[6]}));
  EXPECT_TRUE(feed_of(desk, positions[6]).empty());
  EXPECT_TRUE(feed_of(desk, 0, 0).empty());
}

TEST_P(RegistryContractTest, FeedShowsTheStandingVerdict) {
  Author author(1);
  const Evidence note = author.note(dossier, {Verdict::held, errc::reference_missing});
  append(note, {dossier});
  commit([&] {
    must(registry->feed(desk, note.record.hash));
    must(registry->set_ruling(note.record.hash, {Verdict::effective, std::nullopt}));
    must(registry->feed(desk, note.record.hash));
  });
  const auto entries = must(registry->read_feed(desk, 0, 10));
  ASSERT_EQ(entries.size(), 2U);
  for (const FeedItem& entry : entries) {
    EXPECT_EQ(entry.evidence.ruling.verdict, Verdict::effective);
    EXPECT_EQ(entry.evidence.leaf_index, 0U);
  }
}

// Numbers

TEST_P(RegistryContractTest, NumbersAreConsecutiveAndNeverGivenTwice) {
  const auto take = [&](std::string_view sequence, std::uint32_t count) {
    std::uint64_t first = 0;
    commit([&] { first = must(registry->take_numbers(sequence, count)); });
    return first;
  };
  EXPECT_EQ(take("a", 50), 1U);
  EXPECT_EQ(take("a", 1), 51U);
  EXPECT_EQ(take("b", 3), 1U);
  must(registry->begin());
  EXPECT_EQ(must(registry->take_numbers("a", 10)), 52U);
  EXPECT_EQ(must(registry->take_numbers("a", 10)), 62U);
  registry->rollback();
  EXPECT_EQ(take("a", 1), 52U);
  reopen();
  EXPECT_EQ(take("a", 1), 53U);
}

TEST_P(RegistryContractTest, LeaseEndsWhereItEnds) {
  const Hash log{1};
  const Hash other{2};
  commit([&] {
    must(registry->put_lease(lease(log, slip, 51, 50), 7));
    must(registry->put_lease(lease(other, slip, 101, 50), 8));
    must(registry->put_lease(lease(log, item, 1, 50), 9));
  });
  const auto leased = [&](const Hash& to, body::NumberKind kind, std::uint32_t number,
                          std::string_view prefix = "PG-H42-") {
    return must(registry->is_leased(to, kind, prefix, number));
  };
  EXPECT_FALSE(leased(log, slip, 50));
  EXPECT_TRUE(leased(log, slip, 51));
  EXPECT_TRUE(leased(log, slip, 100));
  EXPECT_FALSE(leased(log, slip, 101));
  EXPECT_FALSE(leased(other, slip, 100));
  EXPECT_TRUE(leased(other, slip, 101));
  EXPECT_TRUE(leased(other, slip, 150));
  EXPECT_FALSE(leased(other, slip, 151));
  EXPECT_FALSE(leased(log, slip, 51, "PG-H43-"));
  EXPECT_TRUE(leased(log, item, 50));
  EXPECT_FALSE(leased(log, item, 51));
  EXPECT_FALSE(leased(other, item, 1));
}

TEST_P(RegistryContractTest, NewestLeaseIsTheLastInTheFeed) {
  const Hash log{1};
  EXPECT_EQ(must(registry->newest_lease(log, slip)), 0U);
  commit([&] {
    must(registry->put_lease(lease(log, slip, 51, 50), 9));
    must(registry->put_lease(lease(log, slip, 1, 50), 7));
    must(registry->put_lease(lease(Hash{2}, slip, 101, 50), 20));
    must(registry->put_lease(lease(log, item, 1, 50), 30));
  });
  EXPECT_EQ(must(registry->newest_lease(log, slip)), 9U);
  EXPECT_EQ(must(registry->newest_lease(log, item)), 30U);
}

TEST_P(RegistryContractTest, CountsWhatIsLeasedAndNotUsed) {
  const Hash log{1};
  EXPECT_EQ(must(registry->unused_numbers(log, slip)), 0U);
  commit([&] {
    must(registry->put_lease(lease(log, slip, 1, 50), 1));
    must(registry->put_lease(lease(log, slip, 51, 50), 2));
    must(registry->use_number(slip, format_number(slip, "PG-H42-", 1), dossier, log));
    must(registry->use_number(slip, format_number(slip, "PG-H42-", 1), dossier, log));
    must(registry->use_number(item, "RB000000011VN", dossier, log));
  });
  EXPECT_EQ(must(registry->unused_numbers(log, slip)), 99U);
  EXPECT_EQ(must(registry->unused_numbers(Hash{2}, slip)), 0U);
}

TEST_P(RegistryContractTest, NumberBelongsToItsFirstDossier) {
  EXPECT_FALSE(must(registry->number_user("PG-H42-00000001")).has_value());
  commit([&] {
    must(registry->use_number(slip, "PG-H42-00000001", dossier, Hash{1}));
    must(registry->use_number(slip, "PG-H42-00000001", other_dossier, Hash{1}));
  });
  EXPECT_EQ(must(registry->number_user("PG-H42-00000001")), dossier);
  EXPECT_FALSE(must(registry->number_user("PG-H42-00000002")).has_value());
}

// Attachments

TEST_P(RegistryContractTest, AttachmentIsWantedUntilItArrives) {
  const Hash log{1};
  commit([&] {
    for (std::uint8_t i = 1; i <= 4; ++i) {
      must(registry->want_attachment(attachment(i), dossier, log));
    }
    must(registry->want_attachment(attachment(5), dossier, Hash{2}));
  });
  EXPECT_EQ(must(registry->wanted_attachments(log, 10)).size(), 4U);
  EXPECT_EQ(must(registry->wanted_attachments(log, 3)).size(), 3U);
  EXPECT_EQ(must(registry->wanted_attachments(Hash{2}, 10)), Hashes{Hash{5}});
  EXPECT_FALSE(must(registry->attachment(Hash{3}))->present);
  commit([&] { must(registry->attachment_arrived(Hash{3})); });
  const auto stored = must(registry->attachment(Hash{3}));
  ASSERT_TRUE(stored.has_value());
  EXPECT_TRUE(stored->present);
  EXPECT_EQ(stored->size, 3U);
  EXPECT_EQ(stored->media_type, "image/jpeg");
  Hashes wanted = must(registry->wanted_attachments(log, 10));
  std::ranges::sort(wanted);
  EXPECT_EQ(wanted, (Hashes{Hash{1}, Hash{2}, Hash{4}}));
  EXPECT_FALSE(must(registry->attachment(Hash{9})).has_value());
}

TEST_P(RegistryContractTest, AttachmentNamedAgainStaysThere) {
  commit([&] {
    must(registry->want_attachment(attachment(1), dossier, Hash{1}));
    must(registry->attachment_arrived(Hash{1}));
    must(registry->want_attachment(attachment(1), other_dossier, Hash{2}));
  });
  EXPECT_TRUE(must(registry->attachment(Hash{1}))->present);
  EXPECT_TRUE(must(registry->wanted_attachments(Hash{2}, 10)).empty());
}

TEST_P(RegistryContractTest, AttachmentIsSeenByTheAudiencesOfItsDossiers) {
  commit([&] {
    must(registry->want_attachment(attachment(1), dossier, Hash{1}));
    must(registry->add_audience(dossier, desk));
    must(registry->add_audience(other_dossier, courier));
  });
  EXPECT_TRUE(must(registry->attachment_in_audience(Hash{1}, desk)));
  EXPECT_FALSE(must(registry->attachment_in_audience(Hash{1}, courier)));
  EXPECT_FALSE(must(registry->attachment_in_audience(Hash{2}, desk)));
  commit([&] { must(registry->want_attachment(attachment(1), other_dossier, Hash{2})); });
  EXPECT_TRUE(must(registry->attachment_in_audience(Hash{1}, courier)));
}

// Enrolment

TEST_P(RegistryContractTest, MessageIsWantedOnceAndUntilItIsKept) {
  commit([&] {
    EXPECT_TRUE(must(registry->want_code_message(Hash{2}, 10)));
    EXPECT_TRUE(must(registry->want_code_message(Hash{1}, 20)));
    EXPECT_TRUE(must(registry->want_code_message(Hash{3}, 30)));
    EXPECT_FALSE(must(registry->want_code_message(Hash{2}, 40)));
  });
  reopen();
  commit([&] {
    EXPECT_EQ(must(registry->wanted_code_messages(31, 10, 10)),
              (Hashes{Hash{2}, Hash{1}, Hash{3}}));
    EXPECT_EQ(must(registry->wanted_code_messages(31, 32, 1)), Hashes{Hash{1}});
    EXPECT_EQ(must(registry->wanted_code_messages(31, 32, 10)), (Hashes{Hash{2}, Hash{3}}))
        << "one was just given to somebody";
    EXPECT_EQ(must(registry->wanted_code_messages(33, 32, 1)), Hashes{Hash{1}});
    must(registry->code_message_kept(Hash{2}));
    must(registry->code_message_kept(Hash{9}));
    EXPECT_EQ(must(registry->wanted_code_messages(33, 32, 10)), (Hashes{Hash{1}, Hash{3}}));
    EXPECT_FALSE(must(registry->want_code_message(Hash{2}, 50))) << "it went out";
    must(registry->drop_code_message(Hash{1}));
    must(registry->drop_code_message(Hash{2}));
    EXPECT_EQ(must(registry->wanted_code_messages(33, 32, 10)), Hashes{Hash{3}});
    EXPECT_FALSE(must(registry->want_code_message(Hash{2}, 50))) << "it went out";
    EXPECT_TRUE(must(registry->want_code_message(Hash{1}, 50))) << "it did not";
  });
}

TEST_P(RegistryContractTest, TicketIsKeptUntilItIsUsed) {
  Ticket ticket;
  ticket.token_hash = Hash{1};
  ticket.grant.role = Role::citizen;
  ticket.grant.scope = dossier;
  ticket.grant.label = "thử";
  ticket.actor = Id{3};
  ticket.expires_ms = 77;
  EXPECT_FALSE(must(registry->ticket(Hash{1})).has_value());
  commit([&] { must(registry->put_ticket(ticket)); });
  auto stored = must(registry->ticket(Hash{1}));
  ASSERT_TRUE(stored.has_value());
  EXPECT_EQ(stored->token_hash, ticket.token_hash);
  EXPECT_EQ(fields::encode(stored->grant), fields::encode(ticket.grant));
  EXPECT_EQ(stored->actor, ticket.actor);
  EXPECT_EQ(stored->expires_ms, 77U);
  EXPECT_FALSE(stored->used_by.has_value());
  commit([&] { must(registry->use_ticket(Hash{1}, Hash{5})); });
  EXPECT_EQ(must(registry->ticket(Hash{1}))->used_by, Hash{5});
  EXPECT_FALSE(must(registry->ticket(Hash{2})).has_value());
}

// Everything together

TEST_P(RegistryContractTest, EverythingIsThereAfterOpeningAgain) {
  Author author(1);
  const Evidence note = author.note(dossier, {Verdict::held, errc::late_amendment});
  Ticket ticket;
  ticket.token_hash = Hash{1};
  ticket.grant.role = Role::courier;
  commit([&] {
    must(registry->put_log(author.log()));
    must(registry->append(note, std::vector{dossier}));
    must(registry->add_audience(dossier, desk));
    must(registry->put_lease(lease(author.id(), slip, 1, 50), 7));
    must(registry->use_number(slip, "PG-H42-00000001", dossier, author.id()));
    must(registry->want_attachment(attachment(1), dossier, author.id()));
    must(registry->attachment_arrived(Hash{1}));
    must(registry->wait_for(Hash{1}, Hash{2}));
    must(registry->put_ticket(ticket));
    must(registry->quarantine(author.id(), Bytes{1}, Bytes{2}, errc::record_malformed));
    must(registry->note_contact(author.id(), 5, {}));
  });
  const Hash root = must(registry->journal_root(1));
  reopen();
  EXPECT_EQ(must(registry->log(author.id()))->next_seq, author.log().next_seq);
  EXPECT_EQ(must(registry->record(note.record.hash))->ruling, note.ruling);
  EXPECT_EQ(must(registry->journal_root(1)), root);
  EXPECT_EQ(feed_of(desk), Hashes{note.record.hash});
  EXPECT_TRUE(must(registry->is_leased(author.id(), slip, "PG-H42-", 50)));
  EXPECT_EQ(must(registry->number_user("PG-H42-00000001")), dossier);
  EXPECT_TRUE(must(registry->attachment(Hash{1}))->present);
  EXPECT_TRUE(must(registry->ticket(Hash{1})).has_value());
  commit([&] {
    must(registry->make_due(Hash{1}));
    EXPECT_EQ(must(registry->take_due(9)), Hashes{Hash{2}});
  });
}

TEST_P(RegistryContractTest, OpenTransactionIsForgottenWhenTheProcessEnds) {
  Author author(1);
  append(author.note(dossier), {dossier});
  must(registry->begin());
  must(registry->append(author.note(dossier), std::vector{dossier}));
  reopen();
  EXPECT_EQ(must(registry->journal_size()), 1U);
}

}  // namespace
}  // namespace tannha::registry_contract
