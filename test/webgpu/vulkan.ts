// Where Dawn finds a Vulkan driver. A machine without a GPU has SwiftShader in the folder of its Chromium.
import { readdirSync } from "node:fs";
import { join } from "node:path";

const CHROMIUM_FOLDERS = ["/usr/lib/chromium", "/usr/lib64/chromium-browser", "/opt/google/chrome"];
const DRIVER = "vk_swiftshader_icd.json";
/** Where drivers that are installed tell the loader of themselves. */
const DRIVER_FOLDERS = ["/usr/share/vulkan/icd.d", "/usr/local/share/vulkan/icd.d", "/etc/vulkan/icd.d"];
/** What a GPU is seen by, by folder. */
const GPU_NODES: Readonly<Record<string, RegExp>> = { "/dev/dri": /^renderD/, "/dev": /^(nvidia\d+|dxg)$/ };

/**
 * The variables of the environment with which a new process finds SwiftShader; none where there is a GPU with a driver, where the
 * user has named a driver, or where no Chromium is installed. The loader reads them at the start of a process, so that setting them
 * later is no use. `namesIn` lists a folder.
 */
export function vulkanEnvironment(
  env: NodeJS.ProcessEnv = process.env,
  namesIn: (folder: string) => readonly string[] = filesOf,
): Record<string, string> {
  if (env.VK_ICD_FILENAMES || env.VK_DRIVER_FILES) return {};
  const hasNode = Object.entries(GPU_NODES).some(([path, name]) => namesIn(path).some((node) => name.test(node)));
  if (hasNode && DRIVER_FOLDERS.some((path) => namesIn(path).length > 0)) return {};
  const folder = CHROMIUM_FOLDERS.find((path) => namesIn(path).includes(DRIVER));
  if (folder === undefined) return {};
  const libraries = [folder, env.LD_LIBRARY_PATH].filter(Boolean).join(":");
  return { VK_ICD_FILENAMES: join(folder, DRIVER), LD_LIBRARY_PATH: libraries };
}

function filesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    // There is none.
    return [];
  }
}
