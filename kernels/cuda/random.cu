// Philox4x32-10, a thread for each block of four words. Constants and order are as in
// `kernels/random.py`, and so is every bit: every operation is on unsigned integers.

// T is int, whose bits are the words; I may be signed, too: numbers are passed as the bits of signed ones.
template <typename T, typename I>
__global__ void philox(I total, T* out, I size, I key0, I key1, I counter0, I counter1, I counter2, I counter3) {
    each(I, block, total) {
        unsigned long long first = (unsigned int)counter0 | (unsigned long long)(unsigned int)counter1 << 32;
        unsigned long long low = first + (unsigned long long)block;
        unsigned long long high = (unsigned int)counter2 | (unsigned long long)(unsigned int)counter3 << 32;
        high += low < first;  // the carry
        unsigned int a = (unsigned int)low, b = (unsigned int)(low >> 32);
        unsigned int c = (unsigned int)high, d = (unsigned int)(high >> 32);
        unsigned int k0 = (unsigned int)key0, k1 = (unsigned int)key1;
        for (int round = 0; round < 10; round++) {
            unsigned long long p = (unsigned long long)a * 0xD2511F53u, q = (unsigned long long)c * 0xCD9E8D57u;
            a = (unsigned int)(q >> 32) ^ b ^ k0;
            b = (unsigned int)q;
            c = (unsigned int)(p >> 32) ^ d ^ k1;
            d = (unsigned int)p;
            k0 += 0x9E3779B9u;
            k1 += 0xBB67AE85u;
        }
        I place = block * 4;
        out[place] = (T)a;
        if (place + 1 < size) out[place + 1] = (T)b;
        if (place + 2 < size) out[place + 2] = (T)c;
        if (place + 3 < size) out[place + 3] = (T)d;
    }
}
