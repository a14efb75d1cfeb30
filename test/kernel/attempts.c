// Makes the attempts that standard input names and says how each went: for tests that watch what a sandbox refuses.
// Input: a letter and its arguments, each ended by a zero byte, since paths may hold any other. Output: errno, one a line.
//   w PATH  open for writing        r PATH  open for reading     d PATH  make a directory   f PATH  make a file
//   l PATH  make a symbolic link    m OLD NEW  rename            b PORT  bind TCP           c PORT  connect TCP
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static char input[1 << 16];

static int file_error(int fd)
{
	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static int port_error(char what, const char *port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(port)) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	int failed, error;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	failed = what == 'b' ? bind(fd, (struct sockaddr *)&address, sizeof(address)) :
			       connect(fd, (struct sockaddr *)&address, sizeof(address));
	error = failed ? errno : 0;
	close(fd);
	return error;
}

static int attempt(char what, const char *one, const char *other)
{
	switch (what) {
	case 'w':
		return file_error(open(one, O_WRONLY));
	case 'r':
		return file_error(open(one, O_RDONLY));
	case 'f':
		return file_error(open(one, O_WRONLY | O_CREAT | O_EXCL, 0600));
	case 'd':
		return mkdir(one, 0700) ? errno : 0;
	case 'l':
		return symlink("nowhere", one) ? errno : 0;
	case 'm':
		return rename(one, other) ? errno : 0;
	default:
		return port_error(what, one);
	}
}

int main(void)
{
	size_t length = fread(input, 1, sizeof(input) - 1, stdin);
	const char *at = input;

	while (at < input + length) {
		char what = *at;
		const char *one = at + 2, *other = one + strlen(one) + 1;

		at = what == 'm' ? other + strlen(other) + 1 : other;
		printf("%d\n", attempt(what, one, other));
	}
	return 0;
}
