/* SPDX-License-Identifier: BSD-2-Clause */
/* The parser of command lines and the readers of values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "cmd/options.h"

typedef struct shared {
	bool loud;
	const char *log;
} shared;

typedef struct settings {
	bool all, brief;
	const char *name;
	const char *json;
	uint64_t count, size;
	hf_ns wait;
	hf_addr addr;
	hf_host_addrs addrs;
	uint16_t port;
	hf_endpoint endpoint;
	shared shared;
} settings;

static const hf_cmd_option own[] = {
	{ .name = "all", .letter = 'a', .at = offsetof(settings, all) },
	{ .name = "brief", .letter = 'b', .at = offsetof(settings, brief) },
	{ .name = "name",
	  .letter = 'n',
	  .kind = HF_VALUE_STRING,
	  .argument = "NAME",
	  .at = offsetof(settings, name) },
	{ .name = "json",
	  .kind = HF_VALUE_OPTIONAL,
	  .argument = "FILE",
	  .at = offsetof(settings, json) },
	{ .name = "count",
	  .letter = 'c',
	  .kind = HF_VALUE_UNSIGNED,
	  .argument = "N",
	  .at = offsetof(settings, count),
	  .min = 2,
	  .max = 9 },
	{ .name = "size", .kind = HF_VALUE_SIZE, .argument = "N", .at = offsetof(settings, size) },
	{ .name = "wait",
	  .kind = HF_VALUE_DURATION,
	  .argument = "T",
	  .at = offsetof(settings, wait) },
	{ .name = "addr",
	  .kind = HF_VALUE_ADDRESS,
	  .argument = "A",
	  .at = offsetof(settings, addr) },
	{ .name = "net",
	  .kind = HF_VALUE_HOST_ADDRS,
	  .argument = "A/P",
	  .at = offsetof(settings, addrs) },
	{ .name = "port", .kind = HF_VALUE_PORT, .argument = "P", .at = offsetof(settings, port) },
	{ .name = "to",
	  .kind = HF_VALUE_ENDPOINT,
	  .argument = "E",
	  .at = offsetof(settings, endpoint) },
	{ 0 },
};

static const hf_cmd_option common[] = {
	{ .name = "loud", .letter = 'l', .at = offsetof(shared, loud) },
	{ .name = "log", .kind = HF_VALUE_STRING, .argument = "F", .at = offsetof(shared, log) },
	{ 0 },
};

static const hf_cmd_group groups[] = {
	{ .title = "Own", .options = own },
	{ .title = "Common", .options = common, .at = offsetof(settings, shared) },
	{ 0 },
};

static const hf_cmd cmd = {
	.name = "test",
	.min_operands = 1,
	.max_operands = 3,
	.missing = "FILE is missing",
	.groups = groups,
	.settings_size = sizeof(settings),
};

#define ARGS 12

static settings s;
static hf_cmd_line line;
static char *args[ARGS + 1];

/* Parses up to ARGS words. */
static bool parse(const char *words)
{
	static char copy[256];
	size_t n = 0;

	s = (settings){ 0 };
	assert_true(strlen(words) < sizeof(copy));
	strcpy(copy, words);
	for (char *word = strtok(copy, " "); word; word = strtok(NULL, " ")) {
		assert_true(n < ARGS);
		args[n++] = word;
	}
	args[n] = NULL;
	return hf_options_parse(&cmd, args, &s, &line);
}

static void expect_complaint(const char *words, const char *complaint)
{
	assert_false(parse(words));
	assert_string_equal(line.complaint, complaint);
}

static void a_value_may_be_glued_follow_or_stand_behind_an_equals_sign(void **state)
{
	static const char *const ways[] = { "--name=x f", "--name x f", "-n x f", "-nx f" };

	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		assert_true(parse(ways[i]));
		assert_string_equal(s.name, "x");
		assert_int_equal(line.operands.count, 1);
	}
}

static void an_empty_value_is_a_value(void **state)
{
	(void)state;
	assert_true(parse("--name= f"));
	assert_string_equal(s.name, "");
	assert_string_equal(line.operands.at[0], "f");
}

static void flags_of_one_letter_may_be_joined_with_a_valued_one_last(void **state)
{
	(void)state;
	assert_true(parse("-abnx f"));
	assert_true(s.all && s.brief);
	assert_string_equal(s.name, "x");
	assert_true(parse("-na f"));
	assert_false(s.all);
	assert_string_equal(s.name, "a");
}

static void shared_options_are_stored_at_their_groups_place(void **state)
{
	(void)state;
	assert_true(parse("-l --log=z f"));
	assert_true(s.shared.loud);
	assert_string_equal(s.shared.log, "z");
	assert_false(s.all);
}

static void two_dashes_end_the_options_and_one_is_an_operand(void **state)
{
	(void)state;
	assert_true(parse("- -a -- -b"));
	assert_true(s.all);
	assert_false(s.brief);
	assert_int_equal(line.operands.count, 2);
	assert_string_equal(line.operands.at[0], "-");
	assert_string_equal(line.operands.at[1], "-b");
}

static void operands_may_stand_between_options(void **state)
{
	(void)state;
	assert_true(parse("x -a y --name n z"));
	assert_int_equal(line.operands.count, 3);
	assert_string_equal(line.operands.at[0], "x");
	assert_string_equal(line.operands.at[1], "y");
	assert_string_equal(line.operands.at[2], "z");
}

static void an_optional_value_must_be_glued(void **state)
{
	(void)state;
	assert_true(parse("--json f"));
	assert_string_equal(s.json, "-");
	assert_string_equal(line.operands.at[0], "f");
	assert_true(parse("--json=out f"));
	assert_string_equal(s.json, "out");
}

static void help_needs_no_operand(void **state)
{
	(void)state;
	assert_true(parse("--help"));
	assert_true(line.wants_help);
	assert_true(parse("-ah"));
	assert_true(line.wants_help);
	assert_true(parse("f"));
	assert_false(line.wants_help);
}

static void complaints_name_the_culprit(void **state)
{
	(void)state;
	expect_complaint("--foo f", "unknown option '--foo'");
	expect_complaint("--nmae=x f", "unknown option '--nmae'; did you mean '--name'?");
	expect_complaint("-x f", "unknown option '-x'");
	expect_complaint("-axb f", "unknown option '-x'");
	expect_complaint("--all=1 f", "--all takes no value");
	expect_complaint("f --name", "--name needs a value: NAME");
	expect_complaint("f -n", "-n needs a value: NAME");
	expect_complaint("-c x f", "-c: 'x' is not a number");
	expect_complaint("", "FILE is missing");
	expect_complaint("a b c d", "'d' is one argument too many");
	/* A prefix of a name is not the name. */
	assert_false(parse("--al f"));
	assert_false(parse("--alll f"));
}

static void a_long_unknown_option_is_cut_not_overrun(void **state)
{
	char words[240];

	(void)state;
	memset(words, 'x', sizeof(words));
	memcpy(words, "--", 2);
	words[sizeof(words) - 1] = 0;
	assert_false(parse(words));
	assert_true(strlen(line.complaint) < sizeof(line.complaint));
}

static void numbers_keep_to_their_bounds(void **state)
{
	(void)state;
	assert_true(parse("--count 2 f"));
	assert_int_equal(s.count, 2);
	assert_true(parse("--count 9 f"));
	assert_int_equal(s.count, 9);
	expect_complaint("--count 1 f", "--count: '1' is too small");
	expect_complaint("--count 10 f", "--count: '10' is too large");
	assert_false(parse("--count -3 f"));
	assert_false(parse("--count 3x f"));
	assert_false(parse("--count 18446744073709551616 f"));
}

static void sizes_are_powers_of_1024(void **state)
{
	(void)state;
	assert_true(parse("--size 7 f"));
	assert_int_equal(s.size, 7);
	assert_true(parse("--size 2k f"));
	assert_int_equal(s.size, 2048);
	assert_true(parse("--size 3M f"));
	assert_int_equal(s.size, 3145728);
	assert_true(parse("--size 17179869183G f"));
	assert_true(s.size == UINT64_C(17179869183) << 30);
	assert_false(parse("--size 17179869184G f"));
	assert_false(parse("--size 3T f"));
	assert_false(parse("--size 3MB f"));
	assert_false(parse("--size M f"));
}

static void durations_have_units_and_fractions(void **state)
{
	static const struct {
		const char *words;
		hf_ns ns;
	} good[] = {
		{ "--wait 0 f", 0 },
		{ "--wait 3 f", HF_SEC(3) },
		{ "--wait 1.5 f", HF_MS(1500) },
		{ "--wait 300ms f", HF_MS(300) },
		{ "--wait 0.25ms f", HF_US(250) },
		{ "--wait 7ns f", 7 },
		{ "--wait 2m f", HF_SEC(120) },
		{ "--wait 1.5h f", HF_SEC(5400) },
		{ "--wait 0.000000001 f", 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(parse(good[i].words));
		assert_int_equal(s.wait, good[i].ns);
	}
	assert_false(parse("--wait 1. f"));
	assert_false(parse("--wait .5 f"));
	assert_false(parse("--wait 3d f"));
	assert_false(parse("--wait -3 f"));
	assert_false(parse("--wait 9999999999999h f"));
}

static void ports_are_1_to_65535(void **state)
{
	(void)state;
	assert_true(parse("--port 1 f"));
	assert_int_equal(s.port, 1);
	assert_true(parse("--port 65535 f"));
	assert_int_equal(s.port, 65535);
	assert_false(parse("--port 0 f"));
	assert_false(parse("--port 65536 f"));
	assert_false(parse("--port http f"));
}

static void endpoints_bracket_ipv6_and_only_ipv6(void **state)
{
	char text[HF_ADDR_TEXT];

	(void)state;
	assert_true(parse("--to 10.0.0.1:80 f"));
	assert_string_equal(hf_addr_format(&s.endpoint.addr, text), "10.0.0.1");
	assert_int_equal(s.endpoint.port, 80);
	assert_true(parse("--to [fd77::1]:443 f"));
	assert_string_equal(hf_addr_format(&s.endpoint.addr, text), "fd77::1");
	assert_int_equal(s.endpoint.port, 443);
	assert_false(parse("--to fd77::1:443 f"));
	assert_false(parse("--to [10.0.0.1]:80 f"));
	assert_false(parse("--to [fd77::1] f"));
	assert_false(parse("--to 10.0.0.1 f"));
	assert_false(parse("--to 10.0.0.1: f"));
	assert_false(parse("--to :80 f"));
	assert_false(parse("--to [:80 f"));
}

static void host_addresses_are_gathered_up_to_the_limit(void **state)
{
	char text[HF_ADDR_TEXT];
	char words[256] = "f";

	(void)state;
	assert_true(parse("--net 10.0.0.2/24 --net fd00::2/64 f"));
	assert_int_equal(s.addrs.count, 2);
	assert_string_equal(hf_addr_format(&s.addrs.at[1].addr, text), "fd00::2");
	assert_int_equal(s.addrs.at[1].prefix, 64);
	assert_true(parse("--net 10.0.0.2/32 --net fd00::2/128 f"));
	assert_false(parse("--net 10.0.0.2/33 f"));
	assert_false(parse("--net fd00::2/129 f"));
	assert_false(parse("--net 10.0.0.2 f"));
	assert_false(parse("--net 10.0.0.2/ f"));
	assert_false(parse("--net 224.0.0.1/24 f"));
	assert_false(parse("--net ::/64 f"));
	assert_false(parse("--net ::1/64 f"));
	assert_false(parse("--net 0.1.2.3/8 f"));
	assert_false(parse("--net 127.0.0.1/8 f"));
	assert_false(parse("--net 255.255.255.255/32 f"));
	/* The network itself and its broadcast address; but with two addresses both are hosts. */
	assert_false(parse("--net 10.0.0.0/24 f"));
	assert_false(parse("--net 10.0.0.255/24 f"));
	assert_false(parse("--net 10.0.0.3/30 f"));
	assert_true(parse("--net 10.0.0.0/31 --net 10.0.0.1/31 --net 10.0.1.0/16 f"));
	for (int i = 0; i < HF_HOST_ADDRS; i++)
		strcat(words, " --net=10.0.0.2/24");
	assert_true(parse(words));
	assert_int_equal(s.addrs.count, HF_HOST_ADDRS);
	strcat(words, " --net=10.0.0.2/24");
	assert_false(parse(words));
}

static void a_misspelt_word_is_near_its_model(void **state)
{
	(void)state;
	assert_int_equal(hf_word_distance("serve", "serve"), 0);
	assert_int_equal(hf_word_distance("serv", "serve"), 1);
	assert_int_equal(hf_word_distance("sevre", "serve"), 1);
	assert_int_equal(hf_word_distance("sxrve", "serve"), 1);
	assert_int_equal(hf_word_distance("", "abc"), 3);
	assert_int_equal(hf_word_distance("kitten", "sitting"), 3);
	assert_int_equal(hf_word_distance("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "a"), 99);
	assert_ptr_equal(hf_cmd_guess("conect"), &hf_cmd_connect);
	assert_null(hf_cmd_guess("frobnicate"));
}

/* Every row of every real table can be stored where it says, and no name or letter stands twice. */
static void real_tables_are_sound(void **state)
{
	(void)state;
	for (size_t i = 0; hf_commands[i]; i++) {
		const hf_cmd *c = hf_commands[i];
		char seen[128] = { ['h'] = 1 };

		assert_non_null(c->run);
		assert_true(c->min_operands <= c->max_operands);
		assert_true(c->min_operands == 0 || c->missing);
		for (const hf_cmd_group *g = c->groups; g && g->title; g++) {
			for (const hf_cmd_option *o = g->options; o->name; o++) {
				assert_true(g->at + o->at < c->settings_size);
				assert_true((o->kind == HF_VALUE_FLAG) == !o->argument);
				assert_true(o->min <= o->max);
				assert_string_equal(o->help + strlen(o->help) - 1, ".");
				assert_false(o->letter && seen[(int)o->letter]++);
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_may_be_glued_follow_or_stand_behind_an_equals_sign),
		cmocka_unit_test(an_empty_value_is_a_value),
		cmocka_unit_test(flags_of_one_letter_may_be_joined_with_a_valued_one_last),
		cmocka_unit_test(shared_options_are_stored_at_their_groups_place),
		cmocka_unit_test(two_dashes_end_the_options_and_one_is_an_operand),
		cmocka_unit_test(operands_may_stand_between_options),
		cmocka_unit_test(an_optional_value_must_be_glued),
		cmocka_unit_test(help_needs_no_operand),
		cmocka_unit_test(complaints_name_the_culprit),
		cmocka_unit_test(a_long_unknown_option_is_cut_not_overrun),
		cmocka_unit_test(numbers_keep_to_their_bounds),
		cmocka_unit_test(sizes_are_powers_of_1024),
		cmocka_unit_test(durations_have_units_and_fractions),
		cmocka_unit_test(ports_are_1_to_65535),
		cmocka_unit_test(endpoints_bracket_ipv6_and_only_ipv6),
		cmocka_unit_test(host_addresses_are_gathered_up_to_the_limit),
		cmocka_unit_test(a_misspelt_word_is_near_its_model),
		cmocka_unit_test(real_tables_are_sound),
	};

	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
