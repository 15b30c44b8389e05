/*
 * The floor of the benchmark: a static program that does nothing. What it takes is what the kernel
 * and the C library take to start and end any program.
 */
int main(void)
{
    return 0;
}
