/* SPDX-License-Identifier: BSD-2-Clause */
/* The capture tap: whole checksums, verdicts as comments, a file that can always be read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/capture.h"
#include "wire/ip.h"
#include "wire/tcp.h"

#define HEAD (44 + 32) /* octets of section header and interface description */

static char path[] = "/tmp/handfast-test-XXXXXX";
static uint8_t file[1 << 20];
static unsigned errors;
static hf_io_error last_error;

static int make_file(void **state)
{
	int fd;

	(void)state;
	memcpy(path + sizeof(path) - 7, "XXXXXX", 6);
	fd = mkstemp(path);
	errors = 0;
	return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

static void on_error(void *ctx, const hf_io_error *error)
{
	assert_ptr_equal(ctx, path);
	errors++;
	last_error = *error;
}

static hf_capture *open_capture(void)
{
	const hf_capture_options o = { .path = path,
				       .kind = HF_LINK_IP,
				       .wall_offset = HF_SEC(5),
				       .on_error = on_error,
				       .ctx = path };
	hf_capture *c = NULL;

	assert_true(hf_capture_open(&o, &c, NULL));
	return c;
}

static size_t read_back(void)
{
	int fd = open(path, O_RDONLY);
	ssize_t n;

	assert_true(fd >= 0);
	n = read(fd, file, sizeof(file));
	(void)close(fd);
	assert_true(n >= 0);
	return (size_t)n;
}

static uint32_t little(const uint8_t *at)
{
	return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* A segment of 3 octets whose checksum is left to the link. */
static hf_packet partial_segment(uint8_t *to)
{
	hf_ip ip = { .src = hf_addr_v4(10, 0, 0, 1),
		     .dst = hf_addr_v4(10, 0, 0, 2),
		     .version = 4,
		     .protocol = HF_IPPROTO_TCP,
		     .ttl = 64 };
	hf_tcp tcp = { .src_port = 80, .dst_port = 4000, .flags = HF_TCP_ACK, .window = 100 };
	size_t head = hf_ip_emit(&ip, HF_TCP_HEADER + 3, to);

	(void)hf_tcp_emit(&tcp, to + head);
	memcpy(to + head + HF_TCP_HEADER, "abc", 3);
	hf_tcp_checksum_partial(&ip, to + head, HF_TCP_HEADER + 3);
	return (hf_packet){ .data = to,
			    .len = HF_IP4_HEADER + HF_TCP_HEADER + 3,
			    .flags = HF_PACKET_CSUM_PARTIAL,
			    .csum_start = HF_IP4_HEADER,
			    .csum_offset = HF_TCP_CHECKSUM_AT };
}

static void a_partial_checksum_is_whole_in_the_record_alone(void **state)
{
	uint8_t data[64], before[64];
	hf_packet p = partial_segment(data);
	hf_capture *c = open_capture();
	hf_tcp tcp;
	hf_ip ip;

	(void)state;
	memcpy(before, data, sizeof(before));
	hf_capture_packet(c, true, &p, (hf_time){ 7 });
	assert_memory_equal(data, before, p.len);
	assert_true(hf_capture_close(c, NULL));
	assert_true(read_back() > HEAD + 28 + p.len);
	assert_int_equal(little(file + HEAD + 12), HF_SEC(5) >> 32);
	assert_int_equal(little(file + HEAD + 16), (uint32_t)(HF_SEC(5) + 7));
	assert_int_equal(hf_ip_parse((hf_view){ file + HEAD + 28, p.len }, &ip), HF_WHY_NONE);
	assert_int_equal(hf_tcp_parse(&ip, false, &tcp), HF_WHY_NONE);
	assert_int_equal(tcp.payload.len, 3);
}

static void the_comment_says_the_verdict(void **state)
{
	uint8_t octets[20] = { 0x45 };
	hf_packet in = { .data = octets,
			 .len = sizeof(octets),
			 .reason = HF_WHY_SEQ_OUTSIDE,
			 .state = HF_ESTABLISHED };
	hf_packet out = { .data = octets,
			  .len = sizeof(octets),
			  .cause = HF_SENT_FAST_RETRANSMIT,
			  .state = HF_CLOSE_WAIT };
	hf_packet plain = { .data = octets, .len = sizeof(octets) };
	static const char said_in[] = "seq-outside: outside the receive window "
				      "(RFC 9293 3.10.7.4); ESTABLISHED";
	static const char said_out[] = "fast-retransmit; CLOSE-WAIT";
	hf_capture *c = open_capture();
	size_t n;

	(void)state;
	hf_capture_packet(c, false, &in, (hf_time){ 0 });
	hf_capture_packet(c, true, &out, (hf_time){ 0 });
	hf_capture_packet(c, false, &plain, (hf_time){ 0 });
	assert_true(hf_capture_close(c, NULL));
	n = read_back();
	assert_non_null(memmem(file, n, said_in, sizeof(said_in) - 1));
	assert_non_null(memmem(file, n, said_out, sizeof(said_out) - 1));
	/* The last one has no verdict: 12 + 20 + 20 octets, direction and end. */
	assert_int_equal(little(file + n - 4), 12 + 20 + 20 + 8 + 4);
}

static void what_was_flushed_is_in_the_file(void **state)
{
	uint8_t octets[20] = { 0x45 };
	hf_packet p = { .data = octets, .len = sizeof(octets) };
	hf_capture *c = open_capture();

	(void)state;
	assert_int_equal(read_back(), HEAD);
	hf_capture_packet(c, true, &p, (hf_time){ 0 });
	assert_int_equal(read_back(), HEAD);
	hf_capture_flush(c);
	assert_int_equal(read_back(), HEAD + 64);
	assert_true(hf_capture_close(c, NULL));
	assert_int_equal(read_back(), HEAD + 64);
}

static void a_file_that_cannot_be_written_is_named(void **state)
{
	const hf_capture_options full = { .path = "/dev/full" };
	const hf_capture_options nowhere = { .path = "/nonesuch/x.pcapng" };
	hf_io_error error = { 0 };
	hf_capture *c = NULL;

	(void)state;
	assert_false(hf_capture_open(&full, &c, &error));
	assert_int_equal(error.code, ENOSPC);
	assert_non_null(strstr(error.text, "/dev/full"));
	assert_false(hf_capture_open(&nowhere, &c, &error));
	assert_int_equal(error.code, ENOENT);
	assert_non_null(strstr(error.text, "/nonesuch/x.pcapng"));
	assert_null(c);
}

/* A limit to the size of files stands in for a full disk. */
static void a_full_disk_stops_the_capture_once_at_a_whole_packet(void **state)
{
	static uint8_t octets[1000] = { 0x45 };
	hf_packet p = { .data = octets, .len = sizeof(octets) };
	const size_t block = 12 + 20 + sizeof(octets) + 8 + 4;
	struct rlimit old, limit;
	hf_capture *c = open_capture();

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	limit = (struct rlimit){ HEAD + 3 * block + 17, old.rlim_max };
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	for (int i = 0; i < 2000; i++)
		hf_capture_packet(c, true, &p, (hf_time){ i });
	hf_capture_flush(c);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(errors, 1);
	assert_int_equal(last_error.code, EFBIG);
	assert_non_null(strstr(last_error.text, path));
	assert_false(hf_capture_close(c, NULL));
	assert_int_equal(errors, 1);
	assert_int_equal(read_back(), HEAD + 3 * block);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, make_file, remove_file)
	const struct CMUnitTest tests[] = {
		CASE(a_partial_checksum_is_whole_in_the_record_alone),
		CASE(the_comment_says_the_verdict),
		CASE(what_was_flushed_is_in_the_file),
		CASE(a_file_that_cannot_be_written_is_named),
		CASE(a_full_disk_stops_the_capture_once_at_a_whole_packet),
	};
#undef CASE

	return cmocka_run_group_tests_name("capture", tests, NULL, NULL);
}
