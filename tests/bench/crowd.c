/*
 * Makes N processes that only wait, says so, and ends them all when its standard input ends:
 * crowd N. Small and static, so that thousands cost little.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    int wanted = argc > 1 ? atoi(argv[1]) : 0;
    int made = 0;
    pid_t parent = getpid();
    char byte;

    for (; made < wanted; made++) {
        pid_t pid = fork();
        if (pid < 0)
            break;
        if (pid == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            while (getppid() == parent)
                pause();
            _exit(0);
        }
    }
    printf("%d\n", made);
    fflush(stdout);
    while (read(STDIN_FILENO, &byte, 1) > 0) {
    }
    return made == wanted ? 0 : 1;
}
