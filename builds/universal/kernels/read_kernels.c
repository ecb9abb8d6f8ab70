#include "kernels/read_kernels.h"

const struct read_kernels *read_kernels_for(cpu_feature_set have)
{
    for (size_t i = 0; i + 1 < read_kernels_count; i++)
        if (cpu_features_include(have, read_kernels[i].needs))
            return &read_kernels[i];
    return &read_kernels[read_kernels_count - 1];
}
