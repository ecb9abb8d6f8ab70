#include "kernels/memory_kernels.h"

const struct memory_kernels *memory_kernels_for(cpu_feature_set have)
{
    for (size_t i = 0; i + 1 < memory_kernels_count; i++)
        if (cpu_features_include(have, memory_kernels[i].needs))
            return &memory_kernels[i];
    return &memory_kernels[memory_kernels_count - 1];
}
